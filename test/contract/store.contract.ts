import { PassThrough, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/lib/digest.ts';
import type { Store } from '../../src/store/store.ts';
import { failureOf, memoryGrowthDuring, streamOf } from '../support/pieces.ts';
import { expectPlain, type StoreUnderTest } from '../support/store-under-test.ts';
import { storeFaultsContract } from './store-faults.contract.ts';

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const receiptKey = 'crm/crm-20261122T020000Z-k7qa/receipt.json';
const text = Buffer.from('bytes of an archive');
const put = (store: Store, at: string, bytes = text) => store.put(at, streamOf(bytes));
const read = async (store: Store, at = key) => buffer(await store.get(at));

/** What every store must do. A new kind of store calls this with a way to open one that is empty. */
export function storeContract(kind: string, open: () => Promise<StoreUnderTest>) {
  storeFaultsContract(kind, open);
  describe(`a ${kind} store`, () => {
    let under: StoreUnderTest;
    let store: Store;
    beforeEach(async () => {
      under = await open();
      ({ store } = under);
    });
    afterEach(() => under.close());

    test.each([0, 1, 65_537, 3_000_000])(
      'keeps an object of %i bytes and says what it kept',
      async (size) => {
        const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, index) => index * 7));
        if (size === 0 && under.refusesEmpty) {
          expect(await failureOf(put(store, key, bytes))).toMatchObject({
            publicReason: 'the archive was empty',
          });
          expect(await under.everything()).toEqual([]);
          return;
        }
        expect(await put(store, key, bytes)).toEqual({ sizeBytes: size, digest: digestOf(bytes) });
        expect(await store.size(key)).toBe(size);
        expect((await read(store)).equals(bytes)).toBe(true);
      },
    );

    test('what is not there has no size and can’t be read, and an empty folder lists nothing', async () => {
      expect(await store.size(key)).toBeNull();
      expectPlain(await failureOf(store.get(key)));
      expect(await store.list('crm')).toEqual([]);
      await put(store, key);
      for (const near of ['crm', 'crm/crm-20261122T020000Z-k7qa', `${key}/x`, `${key}.partial`]) {
        expect(await store.size(near)).toBeNull();
        expectPlain(await failureOf(store.get(near)));
      }
      expect(await store.list('c')).toEqual([]);
    });

    test('lists all keys below a folder, sorted, and none beside it', async () => {
      const keys = [receiptKey, key, 'crm/b/x', 'crm/a/x', 'crm-2/a/x', 'crm2/a', 'x'];
      for (const each of keys) await put(store, each);
      expect(await store.list('crm')).toEqual(['crm/a/x', 'crm/b/x', key, receiptKey].sort());
      expect(await store.list('crm/a')).toEqual(['crm/a/x']);
    });

    test('keeps keys apart that look alike to a file system or a URL', async () => {
      const odd = [
        'a b',
        'a+b',
        'a%20b',
        'a%2Fb',
        '#a?b=c&d',
        "it's",
        'ä',
        '日本',
        '.hidden',
        '..two',
        'a\\b',
        '-rf',
        '"',
      ];
      for (const name of odd) await put(store, `crm/${name}/x`, Buffer.from(name));
      expect(await store.list('crm')).toEqual(odd.map((name) => `crm/${name}/x`).sort());
      for (const name of odd) expect(String(await read(store, `crm/${name}/x`))).toBe(name);
    });

    test('never overwrites', async () => {
      await put(store, key);
      const other = streamOf(Buffer.from('other bytes'));
      expectPlain(await failureOf(store.put(key, other)));
      expect(other.destroyed).toBe(true);
      expect((await read(store)).equals(text)).toBe(true);
    });

    test('shows nothing of an object until all of it is there', async () => {
      const content = new PassThrough();
      const putting = store.put(key, content);
      content.write(Buffer.alloc(200_000));
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect([await store.size(key), await store.list('crm')]).toEqual([null, []]);
      expectPlain(await failureOf(store.get(key)));
      content.end();
      await putting;
      expect(await store.list('crm')).toEqual([key]);
    });

    test('removes, also what is not there; then the key is free', async () => {
      await put(store, key);
      await put(store, receiptKey);
      await store.remove(key);
      await store.remove(key);
      expect([await store.size(key), await store.list('crm')]).toEqual([null, [receiptKey]]);
      expect(await put(store, key)).toMatchObject({ sizeBytes: text.length });
      await store.remove(key);
      await store.remove(receiptKey);
      expect(await under.everything()).toEqual([]);
    });

    test('a large object passes through in little memory, both ways', async () => {
      const block = Buffer.alloc(1 << 20, 'row\n');
      // What a store loads once, and then keeps, is not what this is about.
      await put(store, receiptKey, Buffer.concat(Array.from({ length: 16 }, () => block)));
      await read(store, receiptKey);
      const { objectMb, limitMb } = under.memory ?? { objectMb: 64, limitMb: 48 };
      const growth = await memoryGrowthDuring(async () => {
        await store.put(key, Readable.from(Array.from({ length: objectMb }, () => block)));
        let sizeBytes = 0;
        for await (const bytes of await store.get(key)) sizeBytes += (bytes as Buffer).length;
        expect(sizeBytes).toBe(objectMb << 20);
      });
      expect(growth / (1 << 20)).toBeLessThan(limitMb);
    });

    test('a reader may leave early', async () => {
      await put(store, key, Buffer.alloc(3_000_000));
      for await (const bytes of await store.get(key)) if ((bytes as Buffer).length > 0) break;
      await store.remove(key);
      expect(await under.everything()).toEqual([]);
    });
  });
}
