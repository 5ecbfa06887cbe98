import { createHash, randomBytes } from 'node:crypto';
import { type Answer, answer, Refusal, xml } from './answers.ts';
import { type Call, headerOf, propertiesOf } from './call.ts';
import type { Piece, S3Upload } from './contents.ts';
import { store } from './objects.ts';

/** Objects in parts: begin, send a part, complete, abort, list what is unfinished. */

const smallestPartBytes = 5 << 20;
const isXml = { 'content-type': 'application/xml' };

export async function createUpload(call: Call): Promise<Answer> {
  const uploadId = randomBytes(16).toString('base64url');
  const algorithm = headerOf(call, 'x-amz-checksum-algorithm') ?? null;
  if (algorithm !== null && algorithm !== 'SHA256' && algorithm !== 'CRC32')
    throw new Refusal(501, 'NotImplemented');
  const upload: S3Upload = {
    ...propertiesOf(call),
    key: call.key,
    uploadId,
    algorithm,
    parts: new Map(),
    at: new Date(),
  };
  call.contents.uploads.set(uploadId, upload);
  const tree = { Bucket: call.bucket, Key: call.key, UploadId: uploadId };
  return answer(200, isXml, xml('InitiateMultipartUploadResult', tree));
}

function found({ contents, query, key }: Call): S3Upload {
  const upload = contents.uploads.get(query.get('uploadId') ?? '');
  if (upload?.key === key) return upload;
  throw new Refusal(404, 'NoSuchUpload', 'The specified upload does not exist.');
}

export async function uploadPart(call: Call): Promise<Answer> {
  const number = Number(call.query.get('partNumber'));
  if (!(number >= 1 && number <= 10_000))
    throw new Refusal(400, 'InvalidArgument', 'Part number must be 1 to 10000');
  const { algorithm } = found(call);
  const piece = await call.contents.keep(call.request, call.raw);
  const expected = algorithm && `x-amz-checksum-${algorithm.toLowerCase()}`;
  const upload = call.contents.uploads.get(call.query.get('uploadId')!);
  if ((expected && piece.checksum?.name !== expected) || !upload) {
    await call.contents.drop([piece]);
    throw upload
      ? new Refusal(400, 'InvalidRequest', 'Checksum Type mismatch occurred')
      : new Refusal(404, 'NoSuchUpload');
  }
  await call.contents.drop([upload.parts.get(number)].filter((part) => part !== undefined));
  upload.parts.set(number, piece);
  const checksum = piece.checksum ? { [piece.checksum.name]: piece.checksum.value } : {};
  return answer(200, { etag: etagOf(piece), ...checksum });
}

const etagOf = ({ md5 }: Piece) => `"${md5.toString('hex')}"`;

/** @throws Refusal when the parts named are not those that arrived */
function namedParts(body: string, upload: S3Upload, areEqual: boolean): Piece[] {
  const named = [...body.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
    number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
    etag: /<ETag>(.*?)</.exec(part)?.[1]?.replaceAll('&quot;', '"') ?? '',
    sha256: /<ChecksumSHA256>(.*?)</.exec(part)?.[1],
  }));
  if (named.length === 0) throw new Refusal(400, 'MalformedXML');
  if (named.some(({ number }, index) => index > 0 && number <= named[index - 1]!.number))
    throw new Refusal(400, 'InvalidPartOrder');
  const pieces = named.map(({ number, etag, sha256 }) => {
    const piece = upload.parts.get(number);
    const isRight =
      piece &&
      etagOf(piece) === etag &&
      (sha256 ?? piece.sha256.toString('base64')) === piece.sha256.toString('base64');
    if (!isRight)
      throw new Refusal(400, 'InvalidPart', 'One or more of the specified parts could not be found.');
    return piece;
  });
  if (pieces.slice(0, -1).some(({ sizeBytes }) => sizeBytes < smallestPartBytes))
    throw new Refusal(400, 'EntityTooSmall');
  if (areEqual && pieces.slice(0, -1).some(({ sizeBytes }) => sizeBytes !== pieces[0]!.sizeBytes))
    throw new Refusal(400, 'InvalidPart', 'All non-trailing parts must have the same length.');
  return pieces;
}

export async function completeUpload(call: Call): Promise<Answer> {
  const upload = found(call);
  let body = '';
  for await (const bytes of call.raw) body += bytes;
  const pieces = namedParts(body, upload, call.quirks.equalParts ?? false);
  const join = (digest: 'md5' | 'sha256') =>
    createHash(digest)
      .update(Buffer.concat(pieces.map((piece) => piece[digest])))
      .digest();
  const checksum =
    upload.algorithm === 'SHA256'
      ? { name: 'x-amz-checksum-sha256', value: `${join('sha256').toString('base64')}-${pieces.length}` }
      : null;
  const object = {
    ...upload,
    versionId: randomBytes(8).toString('hex'),
    pieces,
    sizeBytes: pieces.reduce((sum, piece) => sum + piece.sizeBytes, 0),
    etag: `"${join('md5').toString('hex')}-${pieces.length}"`,
    checksum,
    at: new Date(),
  };
  await store(call, object);
  call.contents.uploads.delete(upload.uploadId);
  const unused = [...upload.parts.values()].filter((piece) => !pieces.includes(piece));
  await call.contents.drop(unused);
  const tree = {
    Bucket: call.bucket,
    Key: call.key,
    ETag: object.etag,
    ChecksumSHA256: checksum?.value ?? null,
  };
  return answer(200, isXml, xml('CompleteMultipartUploadResult', tree));
}

export async function abortUpload(call: Call): Promise<Answer> {
  const upload = found(call);
  call.contents.uploads.delete(upload.uploadId);
  await call.contents.drop(upload.parts.values());
  return answer(204);
}

export async function listUploads({ contents, query, bucket, quirks }: Call): Promise<Answer> {
  const prefix = query.get('prefix') ?? '';
  const all = [...contents.uploads.values()]
    .filter(({ key }) => key.startsWith(prefix))
    .sort((a, b) => (a.key === b.key ? a.uploadId.localeCompare(b.uploadId) : a.key < b.key ? -1 : 1));
  const marker = query.get('upload-id-marker');
  const begin = marker ? all.findIndex(({ uploadId }) => uploadId === marker) + 1 : 0;
  const page = all.slice(begin, begin + (quirks.pageSize ?? 1000));
  const isTruncated = begin + page.length < all.length;
  const next = isTruncated
    ? { NextKeyMarker: page.at(-1)!.key, NextUploadIdMarker: page.at(-1)!.uploadId }
    : {};
  const items = page.map(({ key, uploadId, at }) => ({
    Key: key,
    UploadId: uploadId,
    Initiated: at.toISOString(),
  }));
  const tree = { Bucket: bucket, Prefix: prefix, IsTruncated: isTruncated, ...next, Upload: items };
  return answer(200, isXml, xml('ListMultipartUploadsResult', tree));
}

export async function listParts(call: Call): Promise<Answer> {
  const upload = found(call);
  const after = Number(call.query.get('part-number-marker') ?? 0);
  const all = [...upload.parts].sort(([a], [b]) => a - b).filter(([number]) => number > after);
  const page = all.slice(0, call.quirks.pageSize ?? 1000);
  const isTruncated = page.length < all.length;
  const items = page.map(([number, piece]) => ({
    PartNumber: number,
    ETag: etagOf(piece),
    Size: piece.sizeBytes,
  }));
  const next = isTruncated ? { NextPartNumberMarker: page.at(-1)![0] } : {};
  const tree = {
    Bucket: call.bucket,
    Key: call.key,
    UploadId: upload.uploadId,
    IsTruncated: isTruncated,
    ...next,
    Part: items,
  };
  return answer(200, isXml, xml('ListPartsResult', tree));
}
