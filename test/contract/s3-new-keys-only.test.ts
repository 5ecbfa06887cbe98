import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/lib/digest.ts';
import { s3Store } from '../../src/store/s3.ts';
import { failureOf, streamOf } from '../support/pieces.ts';
import type { Operation } from '../support/s3/faults.ts';
import type { S3Server, S3ServerOptions } from '../support/s3-server.ts';
import { openS3, optionsFor } from '../support/s3-under-test.ts';

/** No backup is overwritten: also when answers are lost, requests cross, or the provider knows no conditional writes. */

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const at = `nightly/prod/${key}`;
const small = Buffer.from('bytes of an archive');
const large = Buffer.alloc((8 << 20) + 1000, 'a row of the table\n');
const ways: [string, Buffer, Operation][] = [
  ['in one piece', small, 'PutObject'],
  ['in parts', large, 'CompleteMultipartUpload'],
];

let server: S3Server;
async function open(options?: S3ServerOptions) {
  const opened = await openS3(options);
  ({ server } = opened);
  return opened.store;
}
afterEach(() => server.close());
const count = (operation: Operation) =>
  server.requests.filter((request) => request.operation === operation).length;

/** Somebody else's object appears after our look at the key and before our write. */
function competitorArrivesBefore(operation: Operation) {
  const existing = server.contents.current.get('other')!;
  const push = server.requests.push.bind(server.requests);
  server.requests.push = (request) => {
    if (request.operation === operation) server.contents.current.set(at, existing);
    return push(request);
  };
}

describe.each(ways)('an object %s', (_, bytes, lastRequest) => {
  test('is refused when another run was faster, whose object stays', async () => {
    const store = await open();
    await store.put(key, streamOf(Buffer.from('other')));
    server.contents.current.set('other', server.contents.current.get(at)!);
    server.contents.current.delete(at);
    competitorArrivesBefore(lastRequest);
    const error = await failureOf(store.put(key, streamOf(bytes)));
    expect(error).toMatchObject({ name: 'StoreError', message: expect.stringContaining('already holds') });
    expect(String(await buffer(await store.get(key)))).toBe('other');
    expect(server.everything().filter((each) => each.includes('unfinished'))).toEqual([]);
  });

  test('is refused when S3 says that another write is under way', async () => {
    const store = await open();
    server.faults.push({ on: lastRequest, refuse: { status: 409, code: 'ConditionalRequestConflict' } });
    const error = await failureOf(store.put(key, streamOf(bytes)));
    expect(error).toMatchObject({ name: 'StoreError', message: expect.stringContaining('already holds') });
    expect(server.everything()).toEqual([]);
  });

  test.each([1, 3])('whose last answer is lost %i times is known as our own', async (times) => {
    const store = await open();
    server.faults.push({ on: lastRequest, times, loseAnswer: true });
    expect(await store.put(key, streamOf(bytes))).toEqual({
      sizeBytes: bytes.length,
      digest: digestOf(bytes),
    });
    expect(server.everything()).toEqual([at]);
  });

  test('is not sent at all when the key is taken: nothing is spent on it', async () => {
    const store = await open();
    await store.put(key, streamOf(small));
    server.requests.length = 0;
    await failureOf(store.put(key, streamOf(bytes)));
    expect(server.requests.map(({ operation }) => operation)).toEqual(['ListObjectsV2']);
  });

  test.each(['501', '400', 'ignored'] as const)(
    'goes to a provider without conditional writes (%s), which is asked before instead',
    async (conditions) => {
      const store = await open({ quirks: { conditions } });
      expect(await store.put(key, streamOf(bytes))).toMatchObject({ digest: digestOf(bytes) });
      const other = await failureOf(store.put(key, streamOf(Buffer.from('other'))));
      expect(other.message).toContain('already holds');
      await store.put('crm/second/x', streamOf(bytes));
      // Learnt once: the first write was sent twice, the second not.
      expect(count(lastRequest)).toBe(conditions === 'ignored' ? 2 : 3);
      expect((await buffer(await store.get(key))).equals(bytes)).toBe(true);
    },
  );

  test('goes to a provider that refuses checksums; the signature still covers the bytes', async () => {
    const store = await open({ quirks: { checksums: '400' } });
    expect(await store.put(key, streamOf(bytes))).toMatchObject({ digest: digestOf(bytes) });
    const sent = server.requests.filter(
      ({ operation }) => operation === 'UploadPart' || operation === 'PutObject',
    );
    for (const { headers } of sent) expect(headers['x-amz-content-sha256']).toMatch(/^[0-9a-f]{64}$/);
    expect((await buffer(await store.get(key))).equals(bytes)).toBe(true);
  });
});

test('reading from a provider that refuses checksums works without a write before', async () => {
  const store = await open({ quirks: { checksums: '400' } });
  await store.put(key, streamOf(small));
  expect(String(await buffer(await s3Store('reader', optionsFor(server)).get(key)))).toBe(String(small));
  await s3Store('remover', optionsFor(server)).remove(key);
  expect(server.everything()).toEqual([]);
});
