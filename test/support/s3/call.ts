import type { IncomingMessage } from 'node:http';
import { Refusal } from './answers.ts';
import type { Contents, Properties } from './contents.ts';

/** One request, as the operations see it. */
export interface Call {
  request: IncomingMessage;
  /** The body as it arrives, before any framing is taken off. */
  raw: AsyncIterable<Buffer>;
  bucket: string;
  key: string;
  query: URLSearchParams;
  contents: Contents;
  quirks: Quirks;
  now: number;
}

/** In what providers differ from Amazon. */
export interface Quirks {
  /** `If-None-Match` on writes: known, refused with 501, refused with 400, or passed over in silence. */
  conditions?: 'known' | '501' | '400' | 'ignored';
  /** `x-amz-checksum-*`: known, or refused with 400 as Backblaze does. */
  checksums?: 'known' | '400';
  /** All parts but the last must be of one size, as with R2. */
  equalParts?: boolean;
  /** Whether the bucket has object lock. */
  objectLock?: boolean;
  /** Keys and uploads to a page; S3's thousand when left out. */
  pageSize?: number;
}

export const headerOf = ({ request }: Call, name: string) => request.headers[name] as string | undefined;

/** @throws Refusal of a header that this provider does not know */
export function checkWords(call: Call) {
  const { checksums = 'known', conditions = 'known' } = call.quirks;
  const unknown = Object.keys(call.request.headers).find((name) => /^x-amz-(sdk-)?checksum-/.test(name));
  if (checksums === '400' && unknown)
    throw new Refusal(400, 'InvalidArgument', `Unsupported header '${unknown}' received for this API call.`);
  if (!isConditional(call) || conditions === 'known' || conditions === 'ignored') return;
  if (conditions === '400') throw new Refusal(400, 'InvalidArgument', "Unsupported header 'if-none-match'");
  throw new Refusal(
    501,
    'NotImplemented',
    'A header you provided implies functionality that is not implemented',
    {
      elements: { Header: 'If-None-Match' },
    },
  );
}

const isConditional = (call: Call) =>
  headerOf(call, 'if-none-match') !== undefined && call.request.method !== 'GET';

/** @throws Refusal when the write is for a new key only, and the key is taken */
export function checkCondition(call: Call) {
  const condition = headerOf(call, 'if-none-match');
  if (condition === undefined || call.quirks.conditions === 'ignored') return;
  if (condition !== '*') throw new Refusal(501, 'NotImplemented');
  if (call.contents.current.has(call.key))
    throw new Refusal(
      412,
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
    );
}

/** @throws Refusal */
export function propertiesOf(call: Call): Properties {
  const metadata = Object.entries(call.request.headers)
    .filter(([name]) => name.startsWith('x-amz-meta-'))
    .map(([name, value]) => [name, String(value)]);
  const storageClass = headerOf(call, 'x-amz-storage-class') ?? null;
  if (
    storageClass &&
    !/^(STANDARD|STANDARD_IA|ONEZONE_IA|GLACIER|GLACIER_IR|DEEP_ARCHIVE)$/.test(storageClass)
  )
    throw new Refusal(400, 'InvalidStorageClass', 'The storage class you specified is not valid');
  const algorithm = headerOf(call, 'x-amz-server-side-encryption');
  const keyId = headerOf(call, 'x-amz-server-side-encryption-aws-kms-key-id') ?? null;
  if (keyId && algorithm === 'AES256') throw new Refusal(400, 'InvalidArgument');
  return {
    metadata: Object.fromEntries(metadata),
    storageClass,
    encryption: algorithm ? { algorithm, keyId } : null,
    lock: lockOf(call),
  };
}

function lockOf(call: Call): Properties['lock'] {
  const mode = headerOf(call, 'x-amz-object-lock-mode');
  const until = headerOf(call, 'x-amz-object-lock-retain-until-date');
  if (!mode && !until) return null;
  if (!call.quirks.objectLock)
    throw new Refusal(400, 'InvalidRequest', 'Bucket is missing Object Lock Configuration');
  if (!mode || !until || !/^(GOVERNANCE|COMPLIANCE)$/.test(mode)) throw new Refusal(400, 'InvalidArgument');
  if (!(Date.parse(until) > call.now))
    throw new Refusal(400, 'InvalidArgument', 'The retain until date must be in the future!');
  return { mode, until: new Date(until) };
}
