import { createHash } from 'node:crypto';
import { DeleteObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { IntegrityError } from '../lib/errors.ts';
import { place, type S3Bucket } from './s3-bucket.ts';
import { explain, reading, statusOf } from './s3-errors.ts';
import { markName, type Upload } from './s3-write.ts';
import type { StoredObject } from './store.ts';

/** What S3 says of an object; null when there is none. */
export async function factsOf(
  bucket: S3Bucket,
  key: string,
  abortSignal?: AbortSignal,
): Promise<HeadObjectCommandOutput | null> {
  try {
    return await bucket.client.send(
      new HeadObjectCommand({
        ...place(bucket, key),
        ...(bucket.dialect.knowsChecksums ? { ChecksumMode: 'ENABLED' } : {}),
      }),
      abortSignal ? { abortSignal } : {},
    );
  } catch (error) {
    if (statusOf(error) === 404) return null;
    // An answer to HEAD has no words: it may be the checksum that is not known there.
    if (statusOf(error) !== 400 || !bucket.dialect.knowsChecksums) throw error;
    bucket.dialect.knowsChecksums = false;
    return factsOf(bucket, key, abortSignal);
  }
}

/** Whether the object under the key came from this very upload. An unknown answer is no yes. */
export async function isOurs(
  bucket: S3Bucket,
  { key, mark }: Upload,
  abortSignal?: AbortSignal,
): Promise<boolean> {
  const facts = await factsOf(bucket, key, abortSignal).catch(() => null);
  return facts?.Metadata?.[markName] === mark;
}

/**
 * Compares what was sent with what S3 reports of the object, and takes back what is not the same.
 *
 * @throws IntegrityError when it holds other bytes; StoreError when it can't be asked
 */
export async function confirm(
  bucket: S3Bucket,
  upload: Upload,
  sent: StoredObject,
  sha256: { whole: Buffer; parts: Buffer[] },
): Promise<void> {
  let facts: HeadObjectCommandOutput | null;
  try {
    facts = await factsOf(bucket, upload.key);
  } catch (error) {
    throw explain(error, bucket.storeName, reading);
  }
  const checksum = facts?.ChecksumSHA256;
  if (
    facts?.ContentLength === sent.sizeBytes &&
    (checksum === undefined || possibleChecksums(sha256).includes(checksum)) &&
    (facts.Metadata?.[markName] ?? upload.mark) === upload.mark
  )
    return;
  throw new IntegrityError(`Store ${bucket.storeName} holds other bytes than were sent to it.`, {
    hint: 'This copy does not count. Run the backup again and look at the store.',
    publicReason: 'a store holds other bytes than were sent',
  });
}

/** Of the whole, or of the checksums of its parts: S3 adds the number of parts, some providers leave it out. */
function possibleChecksums({ whole, parts }: { whole: Buffer; parts: Buffer[] }): string[] {
  const composite = createHash('sha256').update(Buffer.concat(parts)).digest('base64');
  return [whole.toString('base64'), ...(parts.length > 0 ? [composite, `${composite}-${parts.length}`] : [])];
}

/** Removes what a failed upload left under its key, as far as that is possible. */
export async function takeBack(bucket: S3Bucket, key: string, abortSignal: AbortSignal): Promise<void> {
  await bucket.client.send(new DeleteObjectCommand(place(bucket, key)), { abortSignal }).catch(() => {});
}
