import { randomBytes } from 'node:crypto';
import { finished, type Readable } from 'node:stream';
import type { S3Bucket } from './s3-bucket.ts';
import { PartUpload } from './s3-part-upload.ts';
import type { Upload } from './s3-write.ts';
import type { StoredObject } from './store.ts';

/**
 * Stores a stream of unknown length in memory that stays flat: a few parts at most are held. What was sent is compared
 * with what S3 then reports; on any failure nothing is left, neither an object nor parts.
 *
 * @throws StoreError when it can't be written or the key is taken; IntegrityError when S3 reports other bytes; whatever
 *         the content throws
 */
export async function upload(bucket: S3Bucket, key: string, content: Readable): Promise<StoredObject> {
  const stop = new AbortController();
  const to: Upload = { key, mark: randomBytes(16).toString('hex'), signal: stop.signal };
  let first: { error: unknown } | null = null;
  // The first failure counts: those after it are only its consequences.
  const fail = (error: unknown) => {
    first ??= { error };
    stop.abort();
    content.destroy();
    return first.error;
  };
  // It also notices content that broke earlier, or that is destroyed without an error.
  finished(content, { writable: false }, (error) => {
    if (error) fail(content.errored ?? error);
  });
  const parts = new PartUpload(bucket, to, fail);
  try {
    await parts.open();
    for await (const bytes of content as AsyncIterable<Buffer>) await parts.take(bytes);
    return await parts.finish();
  } catch (error) {
    const cause = fail(content.errored ?? error);
    await parts.abandon();
    throw cause;
  }
}
