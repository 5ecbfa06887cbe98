import { PassThrough, pipeline, type Readable } from 'node:stream';
import { DigestedBytes } from '../lib/digest.ts';
import { drained } from '../lib/drained.ts';
import { IntegrityError, StoreError } from '../lib/errors.ts';
import type { Store, StoredObject } from './store.ts';

export interface FanOutResult {
  /** What was sent to every store. */
  sent: StoredObject;
  /** Per store, in the order given: true when it holds exactly what was sent, otherwise why not. */
  outcomes: { store: Store; error: unknown }[];
}

/**
 * Feeds one stream to several stores at once, at the pace of the slowest. A store that fails drops out and never
 * spoils the others.
 *
 * @throws the stream's own error; the first store's error when none is left
 */
export async function putEverywhere(
  stores: readonly Store[],
  key: string,
  content: Readable,
): Promise<FanOutResult> {
  const measured = new DigestedBytes();
  let isComplete = false;
  const branches = stores.map((store) => {
    const input = new PassThrough({ highWaterMark: 1 << 20 });
    const branch = {
      store,
      input,
      stored: null as StoredObject | null,
      error: null as unknown,
      isOpen: true,
    };
    const done = store.put(key, input).then(
      (stored) => {
        if (isComplete) branch.stored = stored;
        else drop(otherBytes(store));
      },
      (error: unknown) => drop(error),
    );
    const drop = (error: unknown) => {
      branch.error = error;
      branch.isOpen = false;
      input.destroy();
    };
    input.on('error', () => {});
    return { branch, done };
  });
  const open = () => branches.filter(({ branch }) => branch.isOpen);
  // Unlike `pipe`, it also ends the loop below when the content is destroyed without an error.
  pipeline(content, measured, () => {});
  try {
    for await (const bytes of measured as AsyncIterable<Buffer>) {
      for (const { branch } of open()) await give(branch.input, bytes);
      if (open().length === 0) throw branches[0]!.branch.error;
    }
  } catch (error) {
    content.destroy();
    for (const { branch } of branches) branch.input.destroy(error as Error);
    await Promise.all(branches.map(({ done }) => done));
    throw error;
  }
  isComplete = true;
  for (const { branch } of open()) branch.input.end();
  await Promise.all(branches.map(({ done }) => done));
  const sent = { sizeBytes: measured.sizeBytes, digest: measured.digest() };
  const outcomes = branches.map(({ branch: { store, stored, error } }) => ({
    store,
    error: stored ? difference(store, stored, sent) : error,
  }));
  if (outcomes.every(({ error }) => error !== null)) throw outcomes[0]!.error;
  return { sent, outcomes };
}

async function give(input: PassThrough, bytes: Buffer) {
  if (!input.destroyed && !input.write(bytes)) await drained(input);
}

function difference(store: Store, stored: StoredObject, sent: StoredObject): unknown {
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
