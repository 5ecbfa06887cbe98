import { ConfigError, HoldfastError, StoreError } from '../lib/errors.ts';
import { answers, networkReasons, noCredentials, type Reason } from './s3-reasons.ts';

/** What was being done when it failed. */
export interface Attempted {
  /** As in `could not be read`. */
  verb: 'written to' | 'read' | 'changed';
  /** What the credentials must be allowed for it. */
  permission: string;
}

export const writing: Attempted = { verb: 'written to', permission: 's3:PutObject' };
export const reading: Attempted = { verb: 'read', permission: 's3:GetObject' };
export const listing: Attempted = { verb: 'read', permission: 's3:ListBucket' };
export const removing: Attempted = { verb: 'changed', permission: 's3:DeleteObject' };

interface Answer extends Error {
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string> };
  Region?: string;
  code?: string;
}

/** Status of S3's answer; null when there was none. */
export function statusOf(error: unknown): number | null {
  return (error as Answer).$metadata?.httpStatusCode ?? null;
}

/**
 * The error in plain words. Neither S3's message nor the error itself goes on: they hold parts of the request, and
 * with a wrong signature all of it. An error that is none of the outside world is returned as it is.
 */
export function explain(error: unknown, storeName: string, attempted: Attempted): unknown {
  if (error instanceof HoldfastError || !(error instanceof Error)) return error;
  const found = answered(error, attempted) ?? lacking(error) ?? network(error);
  if (!found) return error;
  const { reason, hint, detail } = found;
  const Kind = reason === noCredentials.reason ? ConfigError : StoreError;
  return new Kind(`Store ${storeName} could not be ${attempted.verb}: ${reason} (${detail}).`, {
    hint: attempted.verb === 'read' ? hint : `${hint} Earlier backups are untouched.`,
    publicReason: `a store could not be ${attempted.verb}: ${reason}`,
  });
}

function answered(error: Answer, { permission }: Attempted): (Reason & { detail: string }) | null {
  const status = statusOf(error);
  if (status === null) return null;
  const code = /^[\w.]{3,60}$/.test(error.name) ? error.name : 'no code';
  const known = messageReason(error) ?? answers[code] ?? answers[String(status)];
  const { reason, hint } = known ?? {
    reason: 'the service refused',
    hint: 'The code in brackets says why.',
  };
  const request = error.$metadata?.requestId;
  const detail = `${code}, HTTP ${status}${request && /^[\w./+=-]{1,80}$/.test(request) ? `, request ${request}` : ''}`;
  if (reason === 'permission denied') return { reason, detail, hint: permissionHint(error, permission) };
  const region = regionOf(error);
  if (region && known?.reason === 'the bucket is in another region')
    return { reason, detail, hint: `The bucket is in ${region}: set \`region: ${region}\`.` };
  return { reason, hint, detail };
}

/** S3 and KMS often say which permission was missing; otherwise it is the one that the request needs. */
function permissionHint({ message }: Answer, permission: string): string {
  const named = /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1];
  return `The credentials need ${named ?? permission}. Look at their policy and at that of the bucket.`;
}

/** Where the code alone says too little. */
function messageReason({ message }: Answer): Reason | undefined {
  if (/sts:AssumeRole/.test(message)) return answers['InvalidIdentityToken'];
  return /missing object lock/i.test(message) ? answers['ObjectLockConfigurationNotFoundError'] : undefined;
}

function regionOf(error: Answer): string | null {
  const named = error.Region ?? error.$response?.headers?.['x-amz-bucket-region'];
  return named && /^[a-z0-9-]{2,30}$/.test(named) ? named : null;
}

/** The SDK looks for credentials before it asks the bucket. */
function lacking({ name }: Error): (Reason & { detail: string }) | null {
  return /Credentials|TokenProvider/.test(name) ? { ...noCredentials, detail: name } : null;
}

function network(error: Answer): (Reason & { detail: string }) | null {
  for (const code of [error.code, error.name, (error.cause as Answer | undefined)?.code])
    for (const [pattern, found] of networkReasons)
      if (code && pattern.test(code)) return { ...found, detail: code };
  return null;
}
