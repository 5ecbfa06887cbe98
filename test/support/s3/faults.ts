/** Faults of the wire and of the service, each for so many matching requests. */
export interface Fault {
  on: Operation;
  /** How many requests it meets; one, when left out. */
  times?: number;
  partNumber?: number;
  /** Refuses with that. */
  refuse?: { status: number; code: string; message?: string; headers?: Record<string, string> };
  /** Cuts the connection after so many bytes of the request's body. */
  cutRequestAfterBytes?: number;
  /** Cuts the connection after so many bytes of the answer's body. */
  cutAnswerAfterBytes?: number;
  /** Ends the connection in good order after so many bytes of the answer's body. */
  endAnswerAfterBytes?: number;
  /** Does as asked, then cuts the connection instead of answering. */
  loseAnswer?: true;
  /** Never answers. */
  hang?: true;
  /** Stops in the answer's body after so many bytes, and keeps the connection open. */
  stallAnswerAfterBytes?: number;
  /** Waits before each piece of the answer's body. */
  pauseMs?: number;
  /** Changes one byte of the answer's body. */
  flipByteAt?: number;
  /** Headers of the answer that are not true. */
  claim?: Record<string, string>;
}

export const permissions = {
  PutObject: 's3:PutObject',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  DeleteObject: 's3:DeleteObject',
  ListObjectsV2: 's3:ListBucket',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  ListParts: 's3:ListMultipartUploadParts',
};

export type Operation = keyof typeof permissions;

/** The operation that a request means; null when this fake does not know it. */
export function operationOf(method: string, key: string, query: URLSearchParams): Operation | null {
  const has = (name: string) => query.has(name);
  if (key === '') {
    if (method !== 'GET') return null;
    if (has('uploads')) return 'ListMultipartUploads';
    return query.get('list-type') === '2' ? 'ListObjectsV2' : null;
  }
  if (method === 'PUT') return has('uploadId') ? 'UploadPart' : 'PutObject';
  if (method === 'POST')
    return has('uploads') ? 'CreateMultipartUpload' : has('uploadId') ? 'CompleteMultipartUpload' : null;
  if (method === 'DELETE') return has('uploadId') ? 'AbortMultipartUpload' : 'DeleteObject';
  if (method === 'GET') return has('uploadId') ? 'ListParts' : 'GetObject';
  return method === 'HEAD' ? 'HeadObject' : null;
}

/** The first fault that meets the request; it is then used up by one. */
export function takeFault(faults: Fault[], operation: Operation, partNumber: number): Fault | null {
  const found = faults.find(
    (fault) =>
      fault.on === operation && (fault.partNumber ?? partNumber) === partNumber && (fault.times ?? 1) > 0,
  );
  if (!found) return null;
  found.times = (found.times ?? 1) - 1;
  return found;
}
