import { createHash, createHmac } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './answers.ts';

export interface Account {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  region: string;
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * Signature version 4 in the headers, computed again from what arrived.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 *
 * @throws Refusal
 */
export function checkSignature(request: IncomingMessage, account: Account, now: number) {
  const {
    authorization = '',
    'x-amz-date': date,
    'x-amz-content-sha256': payload,
  } = request.headers as Record<string, string>;
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!parts) throw new Refusal(403, 'AccessDenied', 'Anonymous access is forbidden.');
  const [, accessKeyId, day, region, signedHeaders, signature] = parts as unknown as string[];
  if (accessKeyId !== account.accessKeyId)
    throw new Refusal(
      403,
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    );
  if (region !== account.region)
    throw new Refusal(
      400,
      'AuthorizationHeaderMalformed',
      `the region '${region}' is wrong; expecting '${account.region}'`,
      {
        elements: { Region: account.region },
      },
    );
  if (request.headers['x-amz-security-token'] !== account.sessionToken)
    throw new Refusal(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.');
  if (!date || !payload)
    throw new Refusal(400, 'InvalidRequest', 'x-amz-date and x-amz-content-sha256 are needed');
  checkDate(date, now);
  const signed = signedHeaders!.split(';');
  const unsigned = Object.keys(request.headers).filter(
    (name) => /^(host|x-amz-.*)$/.test(name) && !signed.includes(name),
  );
  if (unsigned.length > 0)
    throw new Refusal(
      403,
      'AccessDenied',
      `There were headers present in the request which were not signed: ${unsigned}`,
    );
  const [path, query = ''] = request.url!.split('?') as [string, string?];
  const canonical = [
    request.method,
    path
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    canonicalQuery(query),
    ...signed.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    signedHeaders,
    payload,
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  const key = ['aws4_request', 's3', region!, day!].reduceRight<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${account.secretAccessKey}`,
  );
  if (hmac(key, text).toString('hex') !== signature)
    throw new Refusal(403, 'SignatureDoesNotMatch', `The request signature we calculated does not match.`, {
      elements: { StringToSign: text, SignatureProvided: signature!, AWSAccessKeyId: accessKeyId! },
    });
}

function checkDate(date: string, now: number) {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (!(Math.abs(at - now) <= 15 * 60_000))
    throw new Refusal(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    );
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs = query.split('&').map((pair) => {
    const [name, value = ''] = pair.split('=').map((part) => encode(decodeURIComponent(part)));
    return `${name}=${value}`;
  });
  return pairs.sort().join('&');
}
