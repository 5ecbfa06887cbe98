import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { HoldfastError, IntegrityError, StoreError } from '../lib/errors.ts';
import { noSuchObject } from './object-errors.ts';
import { inItsDialect, place, type S3Bucket } from './s3-bucket.ts';
import { explain, reading, statusOf } from './s3-errors.ts';

/**
 * Streams an object. When the connection is cut, or ends short of the promised length, it goes on from the byte reached,
 * as long as the object is still the same; only tries that bring nothing count against the limit.
 *
 * @throws StoreError when there is no such object or it can't be read; IntegrityError, of the stream, when the object was
 *         changed meanwhile or is not what its checksum says
 */
export async function download(bucket: S3Bucket, key: string): Promise<Readable> {
  const stop = new AbortController();
  const first = await open(bucket, key, stop.signal);
  const stream = Readable.from(bytesOf(bucket, key, first, stop.signal), {
    objectMode: false,
    highWaterMark: 1 << 18,
  });
  const destroy = stream._destroy.bind(stream);
  // A reader that leaves early must not wait for the next byte, nor leave the connection open.
  stream._destroy = (error, done) => {
    stop.abort();
    destroy(error, done);
  };
  return stream;
}

async function* bytesOf(bucket: S3Bucket, key: string, first: GetObjectCommandOutput, signal: AbortSignal) {
  const { storeName, limits } = bucket;
  const { ContentLength: sizeBytes, ETag: etag } = first;
  if (sizeBytes === undefined || !etag)
    throw unusable(storeName, 'an answer without the length or the version of the object');
  const checksum = checksumOf(first);
  let pieces: AsyncIterator<Buffer> | null = piecesOf(first);
  let readBytes = 0;
  let failures = 0;
  while (readBytes < sizeBytes) {
    let bytes: Buffer;
    try {
      pieces ??= piecesOf(await resume(bucket, key, { readBytes, sizeBytes, etag }, signal));
      const piece: IteratorResult<Buffer> = await pieces.next();
      if (piece.done) throw Object.assign(new Error('short body'), { code: 'ECONNRESET' });
      bytes = piece.value;
    } catch (error) {
      failures += 1;
      // The SDK has asked again as often as it should; here only a body is asked for again.
      if (signal.aborted || error instanceof HoldfastError || failures >= limits.attempts)
        throw explain(error, storeName, reading);
      pieces = null;
      await limits.sleep(Math.min(250 * 2 ** failures, 20_000));
      continue;
    }
    failures = 0;
    readBytes += bytes.length;
    checksum?.hash.update(bytes);
    yield bytes;
  }
  if (checksum && checksum.hash.digest('base64') !== checksum.expected) throw changed(storeName, key);
}

function piecesOf({ Body }: GetObjectCommandOutput): AsyncIterator<Buffer> {
  return (Body as Readable)[Symbol.asyncIterator]();
}

interface Reached {
  readBytes: number;
  sizeBytes: number;
  etag: string;
}

async function resume(bucket: S3Bucket, key: string, reached: Reached, signal: AbortSignal) {
  const { readBytes, sizeBytes, etag } = reached;
  const rest = await open(bucket, key, signal, { Range: `bytes=${readBytes}-`, IfMatch: etag });
  if (rest.ContentRange === `bytes ${readBytes}-${sizeBytes - 1}/${sizeBytes}` && rest.ETag === etag)
    return rest;
  (rest.Body as Readable).destroy();
  // Other than asked for, and said so: a provider that knows no ranges. Otherwise the object was replaced.
  if (rest.ETag === etag && rest.ContentRange === undefined)
    throw unusable(bucket.storeName, 'the whole object when asked for the rest of it');
  throw changed(bucket.storeName, key);
}

async function open(
  bucket: S3Bucket,
  key: string,
  abortSignal: AbortSignal,
  range: { Range?: string; IfMatch?: string } = {},
): Promise<GetObjectCommandOutput> {
  try {
    const answer = await inItsDialect(bucket, ({ knowsChecksums }) =>
      bucket.client.send(
        new GetObjectCommand({
          ...place(bucket, key),
          ...range,
          ...(knowsChecksums && !range.Range ? { ChecksumMode: 'ENABLED' } : {}),
        }),
        { abortSignal },
      ),
    );
    // A reader may give up before its first byte. Then nobody listens to the body, and its end, too early for its
    // checksum, would end the process. Whoever does read hears of an error all the same.
    (answer.Body as Readable).on('error', () => {});
    return answer;
  } catch (error) {
    if ((error as Error).name === 'NoSuchKey') throw noSuchObject(bucket.storeName, key);
    if (statusOf(error) === 412 || statusOf(error) === 416) throw changed(bucket.storeName, key);
    throw explain(error, bucket.storeName, reading);
  }
}

/** S3 knows the SHA-256 of a small object as a whole; of one in parts, only of each part (`…-3`). */
function checksumOf({
  ChecksumSHA256: expected,
}: GetObjectCommandOutput): { hash: Hash; expected: string } | null {
  return expected && !expected.includes('-') ? { hash: createHash('sha256'), expected } : null;
}

function changed(storeName: string, key: string) {
  return new IntegrityError(`${key} in store ${storeName} is not what it was when the reading began.`, {
    hint: 'It was replaced or damaged there. Use another copy, and find out who may write to the bucket.',
    publicReason: 'a copy changed while it was read',
  });
}

function unusable(storeName: string, what: string) {
  return new StoreError(`Store ${storeName} could not be read: it gave ${what}.`, {
    hint: 'This provider does not speak S3 well enough.',
    publicReason: 'a store could not be read',
  });
}
