import { openBucket, type S3Limits } from './s3-bucket.ts';
import { requireCredentials } from './s3-credentials.ts';
import { download } from './s3-download.ts';
import { keysBelow, sizeOf } from './s3-list.ts';
import { maxSizeBytes, takesEqualPartsOnly } from './s3-parts.ts';
import { remove } from './s3-remove.ts';
import { removeUnfinished, type UnfinishedUpload, unfinishedUploads } from './s3-unfinished.ts';
import { upload } from './s3-upload.ts';
import type { Store } from './store.ts';

export interface S3StoreOptions {
  bucket: string;
  /** Folder in the bucket, without slashes at its ends; null: the bucket itself. */
  prefix: string | null;
  region: string;
  /** Null: Amazon. */
  endpoint: string | null;
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  pathStyle: boolean;
  /** Null: what the environment gives, such as a role taken through OIDC. */
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined } | null;
  storageClass?: string | undefined;
  serverSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse' | undefined;
  kmsKeyId?: string | undefined;
  /** For how long nobody may delete or change an object; null: no lock. The bucket must have object lock. */
  objectLock: { days: number; mode: 'governance' | 'compliance' } | null;
  /** Milliseconds since 1970. */
  now(): number;
  limits?: Partial<S3Limits> | undefined;
}

export interface S3Store extends Store {
  /** Uploads that were begun and never ended, oldest first. One may belong to a run that is under way. @throws StoreError */
  unfinishedUploads(): Promise<UnfinishedUpload[]>;
  /** Frees what such an upload holds. @throws StoreError */
  removeUnfinished(upload: Pick<UnfinishedUpload, 'key' | 'uploadId'>): Promise<void>;
}

/** A store in a bucket of Amazon S3 or of a provider that speaks like it. Nothing is asked before the first use. */
export function s3Store(name: string, options: S3StoreOptions): S3Store {
  const bucket = openBucket(name, options);
  return {
    name,
    kind: 's3',
    capabilities: {
      maxRetentionDays: null,
      isImmutable: options.objectLock !== null,
      maxSizeBytes: maxSizeBytes(takesEqualPartsOnly(options.endpoint)),
    },
    ready: () => requireCredentials(bucket),
    put: (key, content) => upload(bucket, key, content),
    get: (key) => download(bucket, key),
    size: (key) => sizeOf(bucket, key),
    list: (folder) => keysBelow(bucket, folder),
    remove: (key) => remove(bucket, key),
    unfinishedUploads: () => unfinishedUploads(bucket),
    removeUnfinished: (upload) => removeUnfinished(bucket, upload),
  };
}
