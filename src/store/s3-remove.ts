import { DeleteObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { StoreError } from '../lib/errors.ts';
import { place, type S3Bucket } from './s3-bucket.ts';
import { factsOf } from './s3-confirm.ts';
import { explain, reading, removing, statusOf } from './s3-errors.ts';

/**
 * Removes an object, in a bucket with object lock its version. Without the version S3 would hide a locked object behind a
 * marker and call that deleted, while it stays and costs.
 *
 * @throws StoreError when object lock holds it, or it can't be removed
 */
export async function remove(bucket: S3Bucket, key: string): Promise<void> {
  let facts: HeadObjectCommandOutput | null;
  try {
    facts = await factsOf(bucket, key);
  } catch (error) {
    throw explain(error, bucket.storeName, reading);
  }
  if (!facts) return;
  const isLocking = bucket.options.objectLock !== null || facts.ObjectLockMode !== undefined;
  const until = facts.ObjectLockRetainUntilDate ?? null;
  if (facts.ObjectLockLegalHoldStatus === 'ON') throw locked(bucket, key, 'a legal hold');
  if (until && until.getTime() > bucket.options.now()) throw locked(bucket, key, lockUntil(until));
  try {
    await bucket.client.send(
      new DeleteObjectCommand({
        ...place(bucket, key),
        ...(isLocking && facts.VersionId ? { VersionId: facts.VersionId } : {}),
      }),
    );
  } catch (error) {
    if (isLocking && statusOf(error) === 403) throw locked(bucket, key, lockUntil(until));
    throw explain(error, bucket.storeName, removing);
  }
}

const lockUntil = (until: Date | null) =>
  until
    ? `object lock until ${until.toISOString()}`
    : 'object lock, or the credentials lack s3:DeleteObjectVersion';

function locked({ storeName }: S3Bucket, key: string, holder: string) {
  return new StoreError(`Store ${storeName} could not be changed: ${key} is held by ${holder}.`, {
    hint: 'It can be removed after that. Retention that keeps at least `object-lock-days` never tries earlier.',
    publicReason: 'a store could not be changed: a copy is held by object lock',
  });
}
