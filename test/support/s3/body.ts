import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { crc32 } from 'node:zlib';
import { Refusal } from './answers.ts';

/** What arrived as a body, after its own checksums were found right. */
export interface Received {
  sizeBytes: number;
  md5: Buffer;
  sha256: Buffer;
  /** The checksum that came with it, by the name of its header; null when none came. */
  checksum: { name: string; value: string } | null;
}

/**
 * Reads a body to its end and gives its bytes on, without the framing of `aws-chunked` where it has one.
 *
 * @throws Refusal when a length, digest or checksum of the request does not fit its bytes
 */
export async function receive(
  request: IncomingMessage,
  raw: AsyncIterable<Buffer>,
  take: (bytes: Buffer) => Promise<void> | void,
): Promise<Received> {
  const headers = { ...request.headers } as Record<string, string | undefined>;
  const isChunked = headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let crc = 0;
  let sizeBytes = 0;
  for await (const bytes of isChunked ? chunks(raw, headers) : raw) {
    md5.update(bytes);
    sha256.update(bytes);
    crc = crc32(bytes, crc);
    sizeBytes += bytes.length;
    await take(bytes);
  }
  const digests = { md5: md5.digest(), sha256: sha256.digest() };
  const checksum = checksumIn(headers);
  checkDigests(headers, { ...digests, crc, sizeBytes }, checksum, isChunked);
  return { sizeBytes, ...digests, checksum };
}

function checksumIn(headers: Record<string, string | undefined>): Received['checksum'] {
  const names = Object.keys(headers).filter((name) => /^x-amz-checksum-(crc|sha)/.test(name));
  if (names.length > 1) throw new Refusal(400, 'InvalidRequest', 'Expecting a single x-amz-checksum- header');
  const [name] = names;
  return name ? { name, value: headers[name]! } : null;
}

function checkDigests(
  headers: Record<string, string | undefined>,
  got: { md5: Buffer; sha256: Buffer; crc: number; sizeBytes: number },
  checksum: Received['checksum'],
  isChunked: boolean,
) {
  const payload = headers['x-amz-content-sha256'];
  if (!isChunked && payload !== 'UNSIGNED-PAYLOAD' && payload !== got.sha256.toString('hex'))
    throw new Refusal(400, 'XAmzContentSHA256Mismatch');
  const decoded = headers['x-amz-decoded-content-length'];
  if (decoded !== undefined && Number(decoded) !== got.sizeBytes) throw new Refusal(400, 'IncompleteBody');
  if (headers['content-md5'] && headers['content-md5'] !== got.md5.toString('base64'))
    throw new Refusal(400, 'BadDigest');
  if (!checksum) return;
  const crcBytes = Buffer.alloc(4);
  crcBytes.writeUInt32BE(got.crc);
  const known: Record<string, Buffer> = {
    'x-amz-checksum-sha256': got.sha256,
    'x-amz-checksum-crc32': crcBytes,
  };
  const own = known[checksum.name];
  if (!own) throw new Refusal(501, 'NotImplemented', `This fake does not know ${checksum.name}.`);
  if (own.toString('base64') !== checksum.value)
    throw new Refusal(400, 'BadDigest', `The ${checksum.name} you specified did not match what we received.`);
}

/** The bytes inside `aws-chunked` framing; the trailers join the headers. */
async function* chunks(
  raw: AsyncIterable<Buffer>,
  headers: Record<string, string | undefined>,
): AsyncGenerator<Buffer> {
  if (headers['x-amz-content-sha256'] !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER')
    throw new Refusal(501, 'NotImplemented', 'This fake knows no signed chunks.');
  let left: Buffer = Buffer.alloc(0);
  let missing = 0;
  let state: 'size' | 'data' | 'trailer' | 'end' = 'size';
  for await (const bytes of raw) {
    left = left.length > 0 ? Buffer.concat([left, bytes]) : bytes;
    while (left.length > 0 && state !== 'end') {
      if (state === 'data' && missing > 2) {
        const data = left.subarray(0, missing - 2);
        missing -= data.length;
        left = left.subarray(data.length);
        yield data;
        continue;
      }
      const end = left.indexOf('\r\n');
      if (end < 0) break;
      const line = left.subarray(0, end).toString();
      left = left.subarray(end + 2);
      if (state === 'data') state = 'size';
      else if (state === 'size') {
        missing = Number.parseInt(line, 16) + 2;
        if (Number.isNaN(missing)) throw new Refusal(400, 'InvalidRequest', 'no chunk size');
        state = missing === 2 ? 'trailer' : 'data';
      } else if (line === '') state = 'end';
      else {
        const [name, value] = line.split(':') as [string, string?];
        headers[name.trim().toLowerCase()] = value?.trim();
      }
    }
  }
  if (state !== 'end' && state !== 'trailer') throw new Refusal(400, 'IncompleteBody');
  const promised = headers['x-amz-trailer'];
  if (promised && headers[promised.toLowerCase()] === undefined)
    throw new Refusal(400, 'MalformedTrailerError');
}
