import { createHash } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../src/lib/digest.ts';
import type { S3StoreOptions } from '../../src/store/s3.ts';
import { failureOf, streamOf, within } from '../support/pieces.ts';
import type { S3Server, S3ServerOptions } from '../support/s3-server.ts';
import { impatient, openS3 } from '../support/s3-under-test.ts';

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const at = `nightly/prod/${key}`;
const partBytes = 8 << 20;
/** Two whole parts and a bit. */
const large = Buffer.alloc(2 * partBytes + 1000, 'a row of the table\n');
const small = Buffer.from('bytes of an archive');
const both = [
  ['in one piece', small],
  ['in parts', large],
] as const;

let server: S3Server;
async function open(serverOptions?: S3ServerOptions, options?: Partial<S3StoreOptions>) {
  const opened = await openS3(serverOptions, options);
  ({ server } = opened);
  return opened.store;
}
afterEach(() => server.close());
const put = (store: Awaited<ReturnType<typeof open>>, bytes = large) =>
  store.put(key, streamOf(bytes, 1 << 18));
const asked = (operation: string) => server.requests.filter((request) => request.operation === operation);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();

describe('an upload in parts', () => {
  test('sends a SHA-256 with every part, and S3 holds their composite', async () => {
    const store = await open();
    expect(await put(store)).toEqual({ sizeBytes: large.length, digest: digestOf(large) });
    const parts = [0, 1, 2].map((index) =>
      sha256(large.subarray(index * partBytes, (index + 1) * partBytes)),
    );
    const sent = asked('UploadPart').map(({ headers }) => headers['x-amz-checksum-sha256']);
    expect(sent.sort()).toEqual(parts.map((digest) => digest.toString('base64')).sort());
    const composite = `${sha256(Buffer.concat(parts)).toString('base64')}-3`;
    expect(server.contents.current.get(at)?.checksum?.value).toBe(composite);
    expect((await buffer(await store.get(key))).equals(large)).toBe(true);
  });

  test('an object that ends where a part ends has no empty part after it', async () => {
    const store = await open();
    await put(store, large.subarray(0, 2 * partBytes));
    expect(asked('UploadPart')).toHaveLength(2);
    expect(await store.size(key)).toBe(2 * partBytes);
  });

  test.each([
    ['a connection cut in mid-part', { cutRequestAfterBytes: 1_000_000 }],
    ['SlowDown', { refuse: { status: 503, code: 'SlowDown' } }],
    ['an internal error', { refuse: { status: 500, code: 'InternalError' } }],
    ['no answer', { hang: true as const }],
    ['a lost answer', { loseAnswer: true as const }],
  ])('%s twice is overcome', async (_, fault) => {
    const store = await open({}, 'hang' in fault ? { limits: { ...impatient, attempts: 6 } } : {});
    server.faults.push({ on: 'UploadPart', partNumber: 2, times: 2, ...fault });
    expect(await within(20_000, put(store))).toMatchObject({ digest: digestOf(large) });
    // A busy machine may need more tries than the fault asks for.
    expect(asked('UploadPart').length).toBeGreaterThanOrEqual(5);
    expect(server.everything()).toEqual([at]);
  });

  test.each([
    ['a connection cut in mid-part', { cutRequestAfterBytes: 1_000_000 }, 'the connection was cut'],
    ['SlowDown', { refuse: { status: 503, code: 'SlowDown' } }, 'overloaded'],
    ['no answer', { hang: true as const }, 'it does not answer'],
  ])('%s again and again fails, and the parts are removed', async (_, fault, words) => {
    const store = await open({}, 'hang' in fault ? { limits: impatient } : {});
    server.faults.push({ on: 'UploadPart', partNumber: 2, times: 99, ...fault });
    const content = streamOf(large);
    const error = await within(20_000, failureOf(store.put(key, content)));
    expect(error).toMatchObject({ name: 'StoreError', publicReason: expect.stringContaining(words) });
    expect(content.destroyed).toBe(true);
    expect(asked('AbortMultipartUpload').length).toBeGreaterThanOrEqual(1);
    expect(server.everything()).toEqual([]);
  });

  test('a failing part ends an upload whose content is waiting for its next byte', async () => {
    const store = await open();
    server.faults.push({ on: 'UploadPart', times: 99, refuse: { status: 500, code: 'InternalError' } });
    const content = new PassThrough();
    const putting = failureOf(store.put(key, content));
    content.write(large);
    expect(await within(15_000, putting)).toMatchObject({ name: 'StoreError' });
    expect(server.everything()).toEqual([]);
  });

  test('content that breaks while parts are under way frees them at once', async () => {
    const store = await open();
    server.faults.push({ on: 'UploadPart', times: 99, hang: true });
    const content = new PassThrough();
    const putting = failureOf(store.put(key, content));
    content.write(large);
    while (asked('UploadPart').length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    const failure = new Error('the source broke');
    content.destroy(failure);
    expect(await within(5000, putting)).toBe(failure);
    expect(server.everything()).toEqual([]);
  });

  test('where the parts can’t be removed either, the first failure is what is said', async () => {
    const store = await open();
    server.denied.add('s3:AbortMultipartUpload');
    server.faults.push({ on: 'UploadPart', partNumber: 2, refuse: { status: 400, code: 'ExpiredToken' } });
    expect(await failureOf(put(store))).toMatchObject({ message: expect.stringContaining('expired') });
    expect(await store.unfinishedUploads()).toMatchObject([{ key }]);
  });
});

describe('what S3 says after an upload', () => {
  test.each(both)('another size is an integrity error, and the object goes (%s)', async (_, bytes) => {
    const store = await open();
    server.faults.push({ on: 'HeadObject', claim: { 'content-length': '7' } });
    expect(await failureOf(put(store, bytes))).toMatchObject({ name: 'IntegrityError' });
    expect(server.everything()).toEqual([]);
  });

  test.each(both)('another checksum is an integrity error, and the object goes (%s)', async (_, bytes) => {
    const store = await open();
    const checksum = sha256(Buffer.from('other')).toString('base64');
    server.faults.push({ on: 'HeadObject', claim: { 'x-amz-checksum-sha256': checksum } });
    expect(await failureOf(put(store, bytes))).toMatchObject({ name: 'IntegrityError' });
    expect(server.everything()).toEqual([]);
  });

  test.each(both)('no permission to look is a store error that names it (%s)', async (_, bytes) => {
    const store = await open();
    server.denied.add('s3:GetObject');
    expect(await failureOf(put(store, bytes))).toMatchObject({
      name: 'StoreError',
      hint: expect.stringContaining('s3:GetObject'),
    });
    expect(server.everything().filter((each) => each.includes('unfinished'))).toEqual([]);
  });
});

test('storage class, encryption and lock go with both kinds of object', async () => {
  const now = Date.now();
  const store = await open(
    { quirks: { objectLock: true } },
    {
      storageClass: 'STANDARD_IA',
      serverSideEncryption: 'aws:kms',
      kmsKeyId: 'alias/backups',
      objectLock: { days: 30, mode: 'compliance' },
      now: () => now,
    },
  );
  expect(store.capabilities).toEqual({
    maxRetentionDays: null,
    isImmutable: true,
    maxSizeBytes: 5 * 1024 ** 4,
  });
  await put(store, large);
  await store.put('crm/x/receipt.json', streamOf(small));
  for (const object of server.contents.current.values())
    expect(object).toMatchObject({
      storageClass: 'STANDARD_IA',
      encryption: { algorithm: 'aws:kms', keyId: 'alias/backups' },
      lock: { mode: 'COMPLIANCE', until: new Date(now + 30 * 86_400_000) },
    });
});
