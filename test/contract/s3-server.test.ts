import { request } from 'node:http';
import { Readable } from 'node:stream';
import { PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf } from '../support/pieces.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';

/** The fake must catch what it claims to catch: otherwise the tests of the store prove nothing. */

let server: S3Server;
let client: S3Client;
beforeEach(async () => {
  server = await startS3Server();
  client = clientWith(server.account.secretAccessKey);
});
afterEach(() => server.close());

function clientWith(secretAccessKey: string) {
  const { accessKeyId, region } = server.account;
  const credentials = { accessKeyId, secretAccessKey };
  return new S3Client({
    endpoint: server.endpoint,
    region,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
}
const to = { Bucket: 'backups', Key: 'a/b' };
const bytes = Buffer.alloc(300_000, 'row\n');

test.each(['CRC32', 'SHA256'] as const)(
  'a stream in chunks with a trailer (%s) is stored without its framing',
  async (algorithm) => {
    const pieces = Array.from({ length: 30 }, (_, index) =>
      bytes.subarray(index * 10_000, (index + 1) * 10_000),
    );
    const Body = Readable.from(pieces, { objectMode: false });
    await client.send(
      new PutObjectCommand({ ...to, Body, ContentLength: bytes.length, ChecksumAlgorithm: algorithm }),
    );
    expect(server.requests[0]?.headers['x-amz-content-sha256']).toBe('STREAMING-UNSIGNED-PAYLOAD-TRAILER');
    expect(server.contents.current.get('a/b')).toMatchObject({
      sizeBytes: bytes.length,
      checksum: { name: `x-amz-checksum-${algorithm.toLowerCase()}` },
    });
  },
);

test.each(['CRC32', 'SHA256'] as const)('a wrong %s is refused', async (algorithm) => {
  const wrong = { [`Checksum${algorithm}`]: Buffer.alloc(algorithm === 'CRC32' ? 4 : 32).toString('base64') };
  const error = await failureOf(client.send(new PutObjectCommand({ ...to, Body: bytes, ...wrong })));
  expect(error.name).toBe('BadDigest');
  expect(server.everything()).toEqual([]);
});

test('a wrong secret is refused', async () => {
  const other = clientWith('another secret');
  expect((await failureOf(other.send(new PutObjectCommand({ ...to, Body: bytes })))).name).toBe(
    'SignatureDoesNotMatch',
  );
});

interface Signed {
  headers: Record<string, string>;
  url: string;
  body: Buffer;
}

const withHeader = (signed: Signed, name: string, value: string): Signed => ({
  ...signed,
  headers: { ...signed.headers, [name]: value },
});

test.each<[string, (signed: Signed) => Signed, string]>([
  [
    'body',
    (signed) => ({ ...signed, body: Buffer.alloc(bytes.length, 'raw\n') }),
    'XAmzContentSHA256Mismatch',
  ],
  ['path', (signed) => ({ ...signed, url: signed.url.replace('a/b', 'a/c') }), 'SignatureDoesNotMatch'],
  ['query', (signed) => ({ ...signed, url: `${signed.url}&versionId=1` }), 'SignatureDoesNotMatch'],
  ['header', (signed) => withHeader(signed, 'x-amz-storage-class', 'GLACIER'), 'SignatureDoesNotMatch'],
  ['further header', (signed) => withHeader(signed, 'x-amz-acl', 'public-read'), 'AccessDenied'],
  [
    'time of long ago',
    (signed) => withHeader(signed, 'x-amz-date', '20200101T000000Z'),
    'RequestTimeTooSkewed',
  ],
])('a %s changed on the way is refused', async (_, change, code) => {
  await client.send(new PutObjectCommand({ ...to, Body: bytes, StorageClass: 'STANDARD_IA' }));
  const { headers, url } = server.requests[0]!;
  const signed: Signed = { headers: headers as Record<string, string>, url, body: bytes };
  expect(await answerTo(signed)).toBe('');
  server.contents.current.clear();
  expect(await answerTo(change(signed))).toContain(`<Code>${code}</Code>`);
  expect(server.everything()).toEqual([]);
});

/** The text that the server answers, which is empty when all is well. */
function answerTo({ headers, url, body }: Signed) {
  return new Promise<string>((resolve, reject) => {
    const sending = request(`${server.endpoint}${url}`, { method: 'PUT', headers }, async (response) => {
      let text = '';
      for await (const piece of response) text += piece;
      resolve(text);
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

test('a part of an upload that does not exist is refused', async () => {
  const part = new UploadPartCommand({ ...to, UploadId: 'none', PartNumber: 1, Body: bytes });
  expect((await failureOf(client.send(part))).name).toBe('NoSuchUpload');
});
