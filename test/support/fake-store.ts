import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { digestOf } from '../../src/lib/digest.ts';
import type { Store, StoredObject } from '../../src/store/store.ts';

/** A store in memory that does as told. */
export interface FakeStore extends Store {
  /** What it took in, when the put ended well. */
  taken: Buffer | null;
  /** What its put was given to see at the end: an error when the content broke off. */
  sawError: unknown;
}

type Behaviour = (content: Readable, store: FakeStore) => Promise<StoredObject>;

/** A store whose `put` does as told with the stream; without more, it takes everything. */
export function fakeStore(name: string, behave: Behaviour = takeAll): FakeStore {
  const store = {
    name,
    taken: null,
    remove: async () => {},
    sawError: null,
    put: (_: string, bytes: Readable) => behave(bytes, store),
  } as unknown as FakeStore;
  return store;
}

export const slowStore = (name: string) => fakeStore(name, (bytes, store) => takeAll(bytes, store, 2));

export async function takeAll(bytes: Readable, store: FakeStore, pauseMs = 0): Promise<StoredObject> {
  const parts: Buffer[] = [];
  try {
    for await (const part of bytes) {
      parts.push(part as Buffer);
      if (pauseMs > 0) await setTimeout(pauseMs);
    }
  } catch (error) {
    store.sawError = error;
    throw error;
  }
  store.taken = Buffer.concat(parts);
  return { sizeBytes: store.taken.length, digest: digestOf(store.taken) };
}
