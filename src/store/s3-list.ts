import { ListObjectsV2Command, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import type { S3Bucket } from './s3-bucket.ts';
import { explain, listing } from './s3-errors.ts';

/** All keys below a folder, without the prefix of the store, sorted; a page holds a thousand. */
export async function keysBelow(bucket: S3Bucket, folder: string): Promise<string[]> {
  const keys: string[] = [];
  try {
    const pages = paginateListObjectsV2(
      { client: bucket.client },
      { Bucket: bucket.options.bucket, Prefix: `${bucket.prefix}${folder}/` },
    );
    for await (const { Contents = [] } of pages)
      for (const { Key } of Contents) if (Key) keys.push(Key.slice(bucket.prefix.length));
  } catch (error) {
    throw explain(error, bucket.storeName, listing);
  }
  // Folders that somebody made in a console are empty objects.
  return keys.filter((key) => !key.endsWith('/')).sort();
}

/**
 * Size of an object; null when there is none. It asks by listing, of which the first key is the shortest: HEAD has no
 * words in its answers, and would take a missing bucket for a missing object.
 */
export async function sizeOf(bucket: S3Bucket, key: string): Promise<number | null> {
  const wanted = bucket.prefix + key;
  try {
    const { Contents = [] } = await bucket.client.send(
      new ListObjectsV2Command({ Bucket: bucket.options.bucket, Prefix: wanted, MaxKeys: 1 }),
    );
    return Contents[0]?.Key === wanted ? (Contents[0].Size ?? 0) : null;
  } catch (error) {
    throw explain(error, bucket.storeName, listing);
  }
}
