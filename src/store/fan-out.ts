import { PassThrough, pipeline, type Readable } from 'node:stream';
import { DigestedBytes } from '../lib/digest.ts';
import { drained } from '../lib/drained.ts';
import { IntegrityError, StoreError } from '../lib/errors.ts';
import { defaultStallMs, untilStalled } from './stall.ts';
import type { Store, StoredObject } from './store.ts';

export interface FanOutResult {
  /** What was sent to every store. */
  sent: StoredObject;
  /** Per store, in the order given: null when it holds exactly what was sent, otherwise why it holds nothing of it. */
  outcomes: { store: Store; error: unknown }[];
}

/**
 * Feeds one stream to several stores at once, at the pace of the slowest. A store that fails, or takes nothing for
 * `stallMs`, drops out and never spoils the others; what it stored nevertheless is removed again.
 *
 * @throws the stream's own error; the first store's error when none is left
 */
export async function putEverywhere(
  stores: readonly Store[],
  key: string,
  content: Readable,
  { stallMs = defaultStallMs } = {},
): Promise<FanOutResult> {
  const measured = new DigestedBytes();
  const branches = stores.map((store) => new Branch(store, key, stallMs));
  const open = () => branches.filter((branch) => branch.isOpen);
  // Unlike `pipe`, it also ends the loop below when the content is destroyed without an error.
  pipeline(content, measured, () => {});
  try {
    for await (const bytes of measured as AsyncIterable<Buffer>) {
      await Promise.all(open().map((branch) => branch.give(bytes)));
      if (open().length === 0) throw branches[0]!.error;
    }
  } catch (error) {
    content.destroy();
    await Promise.all(branches.map((branch) => branch.abort(error as Error)));
    throw error;
  }
  const sent = { sizeBytes: measured.sizeBytes, digest: measured.digest() };
  await Promise.all(branches.map((branch) => branch.end(sent)));
  if (branches.every(({ error }) => error !== null)) throw branches[0]!.error;
  return { sent, outcomes: branches.map(({ store, error }) => ({ store, error })) };
}

/** For a store to clear away what it has when the stream breaks off. */
const abortMs = 60_000;

/** One store's part of it. */
class Branch {
  readonly store: Store;
  /** Why it has no copy. */
  error: unknown = null;
  isOpen = true;
  readonly #key: string;
  readonly #stallMs: number;
  readonly #input = new PassThrough({ highWaterMark: 1 << 20 });
  readonly #done: Promise<void>;
  #stored: StoredObject | null = null;
  #isEnded = false;
  #isStalled = false;

  constructor(store: Store, key: string, stallMs: number) {
    this.store = store;
    this.#key = key;
    this.#stallMs = stallMs;
    this.#input.on('error', () => {});
    this.#done = store.put(key, this.#input).then(
      async (stored) => {
        this.#stored = stored;
        if (this.#isEnded && this.isOpen) return;
        // It was done before it could have seen everything, or after it was given up.
        this.#drop(otherBytes(store));
        await this.#remove();
      },
      (error: unknown) => this.#drop(error),
    );
  }

  async give(bytes: Buffer): Promise<void> {
    if (this.#input.destroyed || this.#input.write(bytes)) return;
    await this.#dropIfStalled(drained(this.#input), this.#stallMs);
  }

  async end(sent: StoredObject): Promise<void> {
    if (this.isOpen) {
      this.#isEnded = true;
      this.#input.end();
    }
    await this.#settle(this.#stallMs);
    if (!this.isOpen) return;
    const problem = differenceOf(this.store, this.#stored!, sent);
    if (problem === null) return;
    this.#drop(problem);
    await this.#remove();
  }

  async abort(reason: Error): Promise<void> {
    this.isOpen = false;
    this.#input.destroy(reason);
    await this.#settle(Math.min(this.#stallMs, abortMs));
  }

  /** Waits for the end of the put, unless it was given up already. */
  async #settle(stallMs: number) {
    if (!this.#isStalled) await this.#dropIfStalled(this.#done, stallMs);
  }

  async #dropIfStalled(work: Promise<void>, stallMs: number) {
    let leftBytes = this.#leftBytes();
    const hasMoved = () => {
      const before = leftBytes;
      leftBytes = this.#leftBytes();
      return leftBytes < before;
    };
    try {
      await untilStalled(this.store, work, stallMs, hasMoved);
    } catch (error) {
      this.#isStalled = true;
      this.#drop(error);
    }
  }

  #leftBytes(): number {
    return this.#input.readableLength + this.#input.writableLength;
  }

  /** The first reason is the one to tell. */
  #drop(error: unknown) {
    this.error ??= error;
    this.isOpen = false;
    this.#input.destroy();
  }

  /** What does not count must not lie about. Only called after our own put succeeded: it is nobody else's. */
  async #remove() {
    await untilStalled(this.store, this.store.remove(this.#key), this.#stallMs).catch(() => {});
  }
}

function differenceOf(store: Store, stored: StoredObject, sent: StoredObject): unknown {
  if (sent.sizeBytes === 0)
    return new StoreError('An empty archive was about to be stored.', {
      publicReason: 'the archive was empty',
    });
  if (stored.sizeBytes === sent.sizeBytes && stored.digest === sent.digest) return null;
  return otherBytes(store);
}

function otherBytes(store: Store) {
  return new IntegrityError(`Store ${store.name} holds other bytes than were sent to it.`, {
    hint: 'This copy does not count. Run the backup again and look at the store.',
    publicReason: 'a store holds other bytes than were sent',
  });
}
