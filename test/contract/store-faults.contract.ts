import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/lib/digest.ts';
import type { Store } from '../../src/store/store.ts';
import { failureOf, streamOf, within } from '../support/pieces.ts';
import { expectPlain, type StoreUnderTest } from '../support/store-under-test.ts';

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const text = Buffer.from('bytes of an archive');
const put = (store: Store, at: string, bytes = text) => store.put(at, streamOf(bytes));
const read = async (store: Store, at = key) => buffer(await store.get(at));

/** Some bytes, then the failure. */
function failing(failure: Error, sizeBytes: number): Readable {
  return Readable.from(
    (async function* () {
      yield Buffer.alloc(sizeBytes, 'x');
      throw failure;
    })(),
  );
}

/** What every store must do when something breaks, or when several write at once. */
export function storeFaultsContract(kind: string, open: () => Promise<StoreUnderTest>) {
  describe(`a ${kind} store with faults and competition`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      under = await open();
      ({ store } = under);
    });
    afterEach(() => under.close());

    test.each([
      ['a plain error', new Error('the source broke')],
      ['a lost connection', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ])('%s of the content is passed on as it is, and nothing is left', async (_, failure) => {
      for (const sizeBytes of [0, 10, 5_000_000])
        expect(await within(5000, failureOf(store.put(key, failing(failure, sizeBytes))))).toBe(failure);
      const early = failing(failure, 0).resume();
      await once(early, 'error');
      await within(5000, failureOf(store.put(key, early)));
      expect(await under.everything()).toEqual([]);
    });

    test('content that stops without its end is no object', async () => {
      const content = new PassThrough();
      const putting = store.put(key, content);
      content.write('half');
      setTimeout(() => content.destroy(), 20);
      await within(5000, failureOf(putting));
      expect(await under.everything()).toEqual([]);
    });

    test('an outside world that refuses to be written to is a store error, and ends the content', async () => {
      await under.refuseWrites();
      const content = streamOf(Buffer.alloc(3_000_000));
      expectPlain(await within(5000, failureOf(store.put(key, content))));
      expect(content.destroyed).toBe(true);
    });

    test('an outside world that refuses to be read is a store error, and no missing object', async () => {
      await put(store, key);
      await under.refuseReads(key);
      const error = await failureOf(read(store));
      expectPlain(error);
      expect(error.message).toContain('could not be read');
      expectPlain(await failureOf(store.size(key)));
    });

    test('many objects at once', async () => {
      const keys = Array.from({ length: 20 }, (_, index) => `crm/${index}/x`).sort();
      await Promise.all(keys.map((each) => put(store, each, Buffer.from(each.repeat(10_000)))));
      expect(await store.list('crm')).toEqual(keys);
      for (const each of keys) expect(String(await read(store, each))).toBe(each.repeat(10_000));
    });

    test('the same key at once: one wins, whole, and the others fail', async () => {
      const contents = Array.from({ length: 5 }, (_, index) => Buffer.alloc(700_000 + index, String(index)));
      const puts = await Promise.allSettled(contents.map((bytes) => store.put(key, streamOf(bytes, 10_000))));
      const won = puts.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      expect(won).toHaveLength(1);
      for (const each of puts) if (each.status === 'rejected') expectPlain(each.reason);
      const bytes = await read(store);
      expect({ sizeBytes: bytes.length, digest: digestOf(bytes) }).toEqual(won[0]);
      expect(await under.everything()).toEqual([key]);
    });

    test('one that fails takes nothing from another of the same key', async () => {
      const content = new PassThrough();
      const putting = store.put(key, content);
      content.write('half ');
      await failureOf(store.put(key, failing(new Error('broken'), 10)));
      content.end('and half');
      await putting;
      expect(String(await read(store))).toBe('half and half');
    });
  });
}
