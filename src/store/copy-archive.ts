import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { keysOf } from '../archive/backup-id.ts';
import { copyOf } from '../ledger/of-receipt.ts';
import type { Copy } from '../ledger/record.ts';
import { DigestedBytes } from '../lib/digest.ts';
import { IntegrityError } from '../lib/errors.ts';
import type { Step } from '../lib/progress.ts';
import { confirmCopy } from './confirm.ts';
import { putEverywhere } from './fan-out.ts';
import type { SoundCopy } from './find.ts';
import { openArchive } from './open-archive.ts';
import { putReceipt } from './receipts.ts';
import type { Store } from './store.ts';

interface CopyOptions {
  /** Whether the target has a receipt that can be used. */
  hasReceipt: boolean;
  signal: AbortSignal;
  step: Step;
  stallMs?: number;
}

/**
 * Sees to it that a store has a sound copy: keeps the bytes that it has when they are right, replaces them when they are
 * not, and only after the other copy was read to its end and found sound.
 *
 * @throws IntegrityError when the source's copy is not what its receipt says; StoreError
 */
export async function bringCopy(from: SoundCopy, to: Store, options: CopyOptions): Promise<Copy> {
  const { receipt } = from;
  const keys = keysOf(receipt);
  if ((await to.size(keys.archive)) !== null) {
    if (await isSound({ ...from, store: to }, options)) {
      // Whole bytes that lack nothing but a receipt are what a killed copy leaves.
      if (!options.hasReceipt) {
        await to.remove(keys.receipt);
        await putReceipt(to, receipt);
      }
      return copyOf(to, receipt);
    }
    await read(from, options);
  }
  await to.remove(keys.receipt);
  await to.remove(keys.archive);
  return copyArchive(from, to, options);
}

/**
 * Copies an archive as it is, still encrypted. Its size and digest are held against the receipt while it streams, before
 * the other store makes it visible; the receipt is written last.
 */
async function copyArchive(
  from: SoundCopy,
  to: Store,
  { signal, step, stallMs }: CopyOptions,
): Promise<Copy> {
  const source = await openArchive(from, signal);
  const checked = source.pipe(new CheckedBytes(from, step));
  source.on('error', (error) => checked.destroy(error));
  // A stream that is given up by its reader lets go of the source.
  checked.once('close', () => source.destroy());
  await putEverywhere([to], keysOf(from.receipt).archive, checked, stallMs === undefined ? {} : { stallMs });
  return confirmCopy(to, from.receipt, stallMs);
}

/** @throws StoreError when it can't be read, which says nothing of what it holds */
async function isSound(copy: SoundCopy, options: CopyOptions): Promise<boolean> {
  try {
    await read(copy, options);
    return true;
  } catch (error) {
    if (error instanceof IntegrityError) return false;
    throw error;
  }
}

/** Reads a copy to its end. @throws IntegrityError when it is not what its receipt says */
async function read(copy: SoundCopy, { signal, step }: CopyOptions): Promise<void> {
  await pipeline(await openArchive(copy, signal), new CheckedBytes(copy, step).resume());
}

/** Ends with an error instead of an end when the bytes are not those of the receipt. */
export class CheckedBytes extends Transform {
  readonly #measured = new DigestedBytes();
  readonly #copy: SoundCopy;
  readonly #step: Step;

  constructor(copy: SoundCopy, step: Step) {
    super({ highWaterMark: 1 << 20 });
    this.#copy = copy;
    this.#step = step;
  }

  override _transform(bytes: Buffer, encoding: BufferEncoding, done: (error: null, bytes: Buffer) => void) {
    this.#measured._transform(bytes, encoding, done);
    const totalBytes = this.#copy.receipt.archive.sizeBytes;
    this.#step.update({ rows: 0, bytes: this.#measured.sizeBytes, totalBytes });
  }

  override _flush(done: (error: Error | null) => void) {
    const { archive } = this.#copy.receipt;
    const isSame =
      this.#measured.sizeBytes === archive.sizeBytes && this.#measured.digest() === archive.digest;
    done(isSame ? null : differs(this.#copy));
  }
}

function differs({ id, store }: SoundCopy): IntegrityError {
  return new IntegrityError(
    `The copy of ${id} in store ${store.name} is damaged: it is not what its receipt says.`,
    {
      hint: 'Nothing was written. `holdfast verify --all` says which copies are sound.',
      publicReason: 'a copy is damaged',
    },
  );
}
