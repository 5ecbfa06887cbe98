import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type StorageClass,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { StoreError } from '../lib/errors.ts';
import { inItsDialect, place, type S3Bucket } from './s3-bucket.ts';

/** The requests that write an object, each with what every write carries. */

/** One upload of one object. */
export interface Upload {
  key: string;
  /**
   * Random, kept as metadata of the object. When an answer is lost and the request is sent again, S3 says that the key is
   * taken: by us, or by another run? This tells.
   */
  mark: string;
  signal: AbortSignal;
}

/** Name of the mark among the metadata of an object. */
export const markName = 'holdfast-upload';

/** A part or a small object, with the SHA-256 of its bytes. */
export interface Part {
  bytes: Buffer;
  sha256: Buffer;
}

export async function putSmall(bucket: S3Bucket, upload: Upload, { bytes, sha256 }: Part): Promise<void> {
  await inItsDialect(bucket, async (knows) =>
    bucket.client.send(
      new PutObjectCommand({
        ...place(bucket, upload.key),
        ...properties(bucket, upload),
        Body: bytes,
        ...(knows.knowsChecksums ? { ChecksumSHA256: sha256.toString('base64') } : {}),
        ...(knows.knowsConditions ? { IfNoneMatch: '*' } : {}),
      }),
      { abortSignal: upload.signal },
    ),
  );
}

/** @returns the id of the begun multipart upload */
export async function begin(bucket: S3Bucket, upload: Upload): Promise<string> {
  const { UploadId } = await inItsDialect(bucket, async (knows) =>
    bucket.client.send(
      new CreateMultipartUploadCommand({
        ...place(bucket, upload.key),
        ...properties(bucket, upload),
        ...(knows.knowsChecksums ? { ChecksumAlgorithm: 'SHA256' } : {}),
      }),
      { abortSignal: upload.signal },
    ),
  );
  if (UploadId) return UploadId;
  throw new StoreError(`Store ${bucket.storeName} could not be written to: it gave the upload no id.`, {
    hint: 'This provider does not speak S3 well enough.',
    publicReason: 'a store could not be written to',
  });
}

/** Sends one part. @returns what the completion wants to know of it */
export async function sendPart(
  bucket: S3Bucket,
  upload: Upload,
  uploadId: string,
  partNumber: number,
  { bytes, sha256 }: Part,
): Promise<CompletedPart> {
  const checksum = bucket.dialect.knowsChecksums ? { ChecksumSHA256: sha256.toString('base64') } : {};
  const { ETag } = await bucket.client.send(
    new UploadPartCommand({
      ...place(bucket, upload.key),
      UploadId: uploadId,
      PartNumber: partNumber,
      Body: bytes,
      ...checksum,
    }),
    { abortSignal: upload.signal },
  );
  return { PartNumber: partNumber, ETag, ...checksum };
}

export async function complete(
  bucket: S3Bucket,
  upload: Upload,
  uploadId: string,
  parts: CompletedPart[],
): Promise<void> {
  await inItsDialect(bucket, async (knows) =>
    bucket.patientClient.send(
      new CompleteMultipartUploadCommand({
        ...place(bucket, upload.key),
        UploadId: uploadId,
        MultipartUpload: { Parts: parts },
        ...(knows.knowsConditions ? { IfNoneMatch: '*' } : {}),
      }),
      { abortSignal: upload.signal },
    ),
  );
}

/** Ends an upload without an object and frees its parts. */
export async function abort(
  bucket: S3Bucket,
  key: string,
  uploadId: string,
  abortSignal?: AbortSignal,
): Promise<void> {
  const command = new AbortMultipartUploadCommand({ ...place(bucket, key), UploadId: uploadId });
  await bucket.client.send(command, abortSignal ? { abortSignal } : {});
}

function properties({ options }: S3Bucket, { mark }: Upload) {
  const { storageClass, serverSideEncryption, kmsKeyId, objectLock } = options;
  return {
    Metadata: { [markName]: mark },
    ...(storageClass ? { StorageClass: storageClass as StorageClass } : {}),
    ...(serverSideEncryption ? { ServerSideEncryption: serverSideEncryption } : {}),
    ...(kmsKeyId ? { SSEKMSKeyId: kmsKeyId } : {}),
    ...(objectLock
      ? {
          ObjectLockMode:
            objectLock.mode === 'compliance' ? ('COMPLIANCE' as const) : ('GOVERNANCE' as const),
          ObjectLockRetainUntilDate: new Date(options.now() + objectLock.days * 86_400_000),
        }
      : {}),
  };
}
