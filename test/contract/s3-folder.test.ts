import { afterEach, describe, expect, test } from 'vitest';
import { s3Store } from '../../src/store/s3.ts';
import { failureOf, streamOf } from '../support/pieces.ts';
import type { S3Server, S3ServerOptions } from '../support/s3-server.ts';
import { openS3, optionsFor } from '../support/s3-under-test.ts';

/** Listing, removing, object lock and what dead runs left. */

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const at = `nightly/prod/${key}`;
const day = 86_400_000;
const text = Buffer.from('rows');

let server: S3Server;
let now = Date.now();
async function open(serverOptions: S3ServerOptions = {}, lockDays?: number) {
  const opened = await openS3(
    { now: () => now, ...serverOptions },
    lockDays ? { objectLock: { days: lockDays, mode: 'governance' } } : {},
  );
  ({ server } = opened);
  return opened.store;
}
afterEach(() => {
  now = Date.now();
  return server.close();
});

test('more keys than a page holds are all listed, without what is beside the store', async () => {
  const store = await open();
  await store.put('crm/0000/x', streamOf(text));
  const object = server.contents.current.get('nightly/prod/crm/0000/x')!;
  const keys = Array.from({ length: 2500 }, (_, index) => `crm/${String(index).padStart(4, '0')}/x`);
  for (const each of keys) server.contents.current.set(`nightly/prod/${each}`, object);
  for (const other of ['crm/1/x', 'nightly/crm/1/x', 'nightly/prod-2/crm/1/x', 'nightly/prod/crm/'])
    server.contents.current.set(other, object);
  server.requests.length = 0;
  expect(await store.list('crm')).toEqual(keys);
  expect(server.requests).toHaveLength(3);
});

test('a store without a prefix uses the bucket itself', async () => {
  await open();
  const store = s3Store('bucket', optionsFor(server, { prefix: null }));
  await store.put(key, streamOf(text));
  expect(server.everything()).toEqual([key]);
  expect(await store.list('crm')).toEqual([key]);
  expect(await store.size(key)).toBe(4);
});

describe('object lock', () => {
  test('a locked object is not removed, and it is said until when', async () => {
    const store = await open({ quirks: { objectLock: true } }, 30);
    await store.put(key, streamOf(text));
    const until = server.contents.current.get(at)!.lock!.until.toISOString();
    expect(await failureOf(store.remove(key))).toMatchObject({
      name: 'StoreError',
      message: `Store bucket could not be changed: ${key} is held by object lock until ${until}.`,
      publicReason: 'a store could not be changed: a copy is held by object lock',
    });
    expect(await store.size(key)).toBe(4);
    expect(server.contents.hidden.size).toBe(0);
  });

  test('nor by a clock of ours that runs ahead: S3 refuses', async () => {
    const store = await open({ quirks: { objectLock: true } }, 30);
    await store.put(key, streamOf(text));
    const ahead = s3Store('bucket', optionsFor(server, { now: () => now + 31 * day }));
    expect(await failureOf(ahead.remove(key))).toMatchObject({
      name: 'StoreError',
      message: expect.stringContaining('is held by object lock until'),
    });
    expect(await store.size(key)).toBe(4);
  });

  test('after it, the version itself goes, not only its name', async () => {
    const store = await open({ quirks: { objectLock: true } }, 30);
    await store.put(key, streamOf(text));
    now += 31 * day;
    await store.remove(key);
    expect([server.contents.current.size, server.contents.hidden.size]).toEqual([0, 0]);
  });

  test('a bucket without it says so before anything is stored', async () => {
    const store = await open({}, 30);
    expect(await failureOf(store.put(key, streamOf(text)))).toMatchObject({
      name: 'StoreError',
      publicReason: 'a store could not be written to: the bucket has no object lock',
    });
    expect(server.everything()).toEqual([]);
  });
});

describe('uploads that dead runs left', () => {
  /** As a killed process leaves them: begun, parts sent, never ended. */
  async function leave(store: Awaited<ReturnType<typeof open>>, leftKey: string) {
    server.denied.add('s3:AbortMultipartUpload');
    server.faults.push({ on: 'CompleteMultipartUpload', refuse: { status: 400, code: 'ExpiredToken' } });
    await failureOf(store.put(leftKey, streamOf(Buffer.alloc((8 << 20) + 1), 1 << 20)));
    server.denied.clear();
  }

  test('are found with their size and time, oldest first, page by page, and can be removed', async () => {
    const store = await open({ quirks: { pageSize: 1 } });
    const keys = ['crm/3/x', 'crm/1/x', 'crm/2/x'];
    for (const each of keys) await leave(store, each);
    const found = await store.unfinishedUploads();
    expect(found.map((upload) => upload.key)).toEqual(keys);
    for (const { sizeBytes, startedAt } of found) {
      expect(sizeBytes).toBe((8 << 20) + 1);
      expect(Math.abs(Date.parse(startedAt) - Date.now())).toBeLessThan(60_000);
    }
    expect(await store.list('crm')).toEqual([]);
    await store.removeUnfinished(found[0]!);
    await store.removeUnfinished(found[0]!);
    expect((await store.unfinishedUploads()).map((upload) => upload.key)).toEqual(['crm/1/x', 'crm/2/x']);
  });

  test('of other folders of the bucket are not ours', async () => {
    const store = await open();
    await leave(s3Store('other', optionsFor(server, { prefix: 'nightly/prod-2' })), key);
    expect(await store.unfinishedUploads()).toEqual([]);
  });

  test('are in nobody’s way', async () => {
    const store = await open();
    await leave(store, key);
    await store.put(key, streamOf(text));
    expect(await store.list('crm')).toEqual([key]);
  });

  test('a denied look names the permission, and a size that is not told is null', async () => {
    const store = await open();
    await leave(store, key);
    server.denied.add('s3:ListMultipartUploadParts');
    expect(await store.unfinishedUploads()).toMatchObject([{ key, sizeBytes: null }]);
    server.denied.add('s3:ListBucketMultipartUploads');
    const error = await failureOf(store.unfinishedUploads());
    expect(error).toMatchObject({ hint: expect.stringContaining('s3:ListBucketMultipartUploads') });
  });
});
