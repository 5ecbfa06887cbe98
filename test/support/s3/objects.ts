import { randomBytes } from 'node:crypto';
import { type Answer, answer, Refusal, xml } from './answers.ts';
import { type Call, checkCondition, headerOf, propertiesOf } from './call.ts';
import { bytesBetween, type S3Object } from './contents.ts';

/** Whole objects: put, get, head, delete, list. */

export async function putObject(call: Call): Promise<Answer> {
  const properties = propertiesOf(call);
  const piece = await call.contents.keep(call.request, call.raw);
  if (properties.lock && !piece.checksum && !headerOf(call, 'content-md5'))
    throw new Refusal(400, 'InvalidRequest', 'Content-MD5 OR x-amz-checksum- HTTP header is required');
  const object: S3Object = {
    ...properties,
    versionId: randomBytes(8).toString('hex'),
    pieces: [piece],
    sizeBytes: piece.sizeBytes,
    etag: `"${piece.md5.toString('hex')}"`,
    checksum: piece.checksum,
    at: new Date(),
  };
  try {
    await store(call, object);
  } catch (error) {
    await call.contents.drop([piece]);
    throw error;
  }
  return answer(200, { etag: object.etag });
}

/** The last step of both ways to write, so that nothing comes between the condition and the object. */
export async function store(call: Call, object: S3Object) {
  checkCondition(call);
  const { current, hidden } = call.contents;
  const previous = current.get(call.key);
  current.set(call.key, object);
  if (!previous) return;
  if (call.quirks.objectLock) hidden.set(previous.versionId, previous);
  else await call.contents.drop(previous.pieces);
}

function found({ contents, key }: Call): S3Object {
  const object = contents.current.get(key);
  if (!object) throw new Refusal(404, 'NoSuchKey', 'The specified key does not exist.');
  return object;
}

function headersOf(call: Call, object: S3Object) {
  const { storageClass, encryption, lock, checksum } = object;
  return {
    etag: object.etag,
    'accept-ranges': 'bytes',
    'last-modified': object.at.toUTCString(),
    ...object.metadata,
    ...(call.quirks.objectLock ? { 'x-amz-version-id': object.versionId } : {}),
    ...(storageClass ? { 'x-amz-storage-class': storageClass } : {}),
    ...(encryption ? { 'x-amz-server-side-encryption': encryption.algorithm } : {}),
    ...(encryption?.keyId ? { 'x-amz-server-side-encryption-aws-kms-key-id': encryption.keyId } : {}),
    ...(lock
      ? {
          'x-amz-object-lock-mode': lock.mode,
          'x-amz-object-lock-retain-until-date': lock.until.toISOString(),
        }
      : {}),
    ...(checksum && headerOf(call, 'x-amz-checksum-mode') === 'ENABLED' && !headerOf(call, 'range')
      ? { [checksum.name]: checksum.value }
      : {}),
  };
}

export async function headObject(call: Call): Promise<Answer> {
  const object = found(call);
  return answer(200, { ...headersOf(call, object), 'content-length': object.sizeBytes });
}

export async function getObject(call: Call): Promise<Answer> {
  const object = found(call);
  const wanted = headerOf(call, 'if-match');
  if (wanted && wanted !== object.etag) throw new Refusal(412, 'PreconditionFailed');
  if (object.storageClass && /^(GLACIER|DEEP_ARCHIVE)$/.test(object.storageClass))
    throw new Refusal(403, 'InvalidObjectState', 'The operation is not valid for the object storage class');
  const headers = headersOf(call, object);
  const range = headerOf(call, 'range');
  const { sizeBytes, pieces } = object;
  if (!range)
    return answer(200, { ...headers, 'content-length': sizeBytes }, bytesBetween(pieces, 0, sizeBytes - 1));
  const first = Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? Number.NaN);
  if (!(first < sizeBytes)) throw new Refusal(416, 'InvalidRange', 'The requested range is not satisfiable');
  const place = {
    'content-range': `bytes ${first}-${sizeBytes - 1}/${sizeBytes}`,
    'content-length': sizeBytes - first,
  };
  return answer(206, { ...headers, ...place }, bytesBetween(pieces, first, sizeBytes - 1));
}

export async function deleteObject(call: Call): Promise<Answer> {
  const { contents, key, quirks } = call;
  const versionId = call.query.get('versionId');
  const object = contents.current.get(key);
  if (versionId === null) {
    contents.current.delete(key);
    // A bucket with object lock has versions: this one is only hidden, by a marker.
    if (object && quirks.objectLock) contents.hidden.set(object.versionId, object);
    else if (object) await contents.drop(object.pieces);
    return answer(204);
  }
  const version = object?.versionId === versionId ? object : contents.hidden.get(versionId);
  if (version?.lock && version.lock.until.getTime() > call.now)
    throw new Refusal(403, 'AccessDenied', 'Access Denied because object protected by object lock.');
  if (version === object) contents.current.delete(key);
  contents.hidden.delete(versionId);
  if (version) await contents.drop(version.pieces);
  return answer(204, { 'x-amz-version-id': versionId });
}

export async function listObjects({ contents, query, bucket, quirks }: Call): Promise<Answer> {
  if (query.has('delimiter')) throw new Refusal(501, 'NotImplemented', 'This fake knows no delimiter.');
  const prefix = query.get('prefix') ?? '';
  const after = query.get('continuation-token') ?? query.get('start-after');
  const pageSize = Math.min(Number(query.get('max-keys') ?? 1000), quirks.pageSize ?? 1000);
  const keys = [...contents.current.keys()]
    .filter((key) => key.startsWith(prefix))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const begin =
    after === null ? 0 : keys.findIndex((key) => Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0);
  const page = begin < 0 ? [] : keys.slice(begin, begin + pageSize);
  const isTruncated = begin >= 0 && begin + page.length < keys.length;
  const items = page.map((key) => {
    const { sizeBytes, etag, at, storageClass } = contents.current.get(key)!;
    return {
      Key: key,
      LastModified: at.toISOString(),
      ETag: etag,
      Size: sizeBytes,
      StorageClass: storageClass ?? 'STANDARD',
    };
  });
  const tree = {
    Name: bucket,
    Prefix: prefix,
    KeyCount: page.length,
    MaxKeys: pageSize,
    IsTruncated: isTruncated,
  };
  const next = isTruncated ? { NextContinuationToken: page.at(-1)! } : {};
  return answer(
    200,
    { 'content-type': 'application/xml' },
    xml('ListBucketResult', { ...tree, ...next, Contents: items }),
  );
}
