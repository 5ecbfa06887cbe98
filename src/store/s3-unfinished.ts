import {
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  paginateListParts,
} from '@aws-sdk/client-s3';
import { place, type S3Bucket } from './s3-bucket.ts';
import { explain, removing, statusOf } from './s3-errors.ts';
import { abort } from './s3-write.ts';

/** An upload that was begun and neither completed nor aborted: under way, or left by a run that died. Its parts cost. */
export interface UnfinishedUpload {
  key: string;
  uploadId: string;
  /** ISO time. */
  startedAt: string;
  /** Of the parts that arrived; null when the provider does not say. */
  sizeBytes: number | null;
}

/** Those of this store, oldest first. */
export async function unfinishedUploads(bucket: S3Bucket): Promise<UnfinishedUpload[]> {
  const found: UnfinishedUpload[] = [];
  let next: { KeyMarker?: string; UploadIdMarker?: string } | null = {};
  try {
    while (next) {
      const page: ListMultipartUploadsCommandOutput = await bucket.client.send(
        new ListMultipartUploadsCommand({
          Bucket: bucket.options.bucket,
          ...(bucket.prefix ? { Prefix: bucket.prefix } : {}),
          ...next,
        }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
        if (!Key || !UploadId || !Initiated) continue;
        const key = Key.slice(bucket.prefix.length);
        const sizeBytes = await partsSize(bucket, key, UploadId);
        found.push({ key, uploadId: UploadId, startedAt: Initiated.toISOString(), sizeBytes });
      }
      next =
        page.IsTruncated && page.NextKeyMarker
          ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker ?? '' }
          : null;
    }
  } catch (error) {
    throw explain(error, bucket.storeName, { verb: 'read', permission: 's3:ListBucketMultipartUploads' });
  }
  return found.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/** Frees the parts. One that is no longer there is no error. @throws StoreError */
export async function removeUnfinished(
  bucket: S3Bucket,
  { key, uploadId }: Pick<UnfinishedUpload, 'key' | 'uploadId'>,
): Promise<void> {
  try {
    await abort(bucket, key, uploadId);
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name === 'NoSuchUpload') return;
    throw explain(error, bucket.storeName, { ...removing, permission: 's3:AbortMultipartUpload' });
  }
}

async function partsSize(bucket: S3Bucket, key: string, uploadId: string): Promise<number | null> {
  let sizeBytes = 0;
  try {
    const pages = paginateListParts({ client: bucket.client }, { ...place(bucket, key), UploadId: uploadId });
    for await (const { Parts = [] } of pages) for (const { Size = 0 } of Parts) sizeBytes += Size;
    return sizeBytes;
  } catch (error) {
    if (statusOf(error) !== null) return null;
    throw error;
  }
}
