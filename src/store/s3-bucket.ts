import { S3Client } from '@aws-sdk/client-s3';
import type { S3StoreOptions } from './s3.ts';

/** How long to wait and how often to try. Tests shorten them. */
export interface S3Limits {
  connectTimeoutMs: number;
  /** A connection on which nothing moves for that long is given up. */
  idleTimeoutMs: number;
  /** Putting thousands of parts together may take minutes, and not every provider says anything meanwhile. */
  completeTimeoutMs: number;
  /** Tries per request, the first included. The waits between them grow to 20 s. */
  attempts: number;
  sleep(durationMs: number): Promise<void>;
}

/** What a provider turned out not to know. Learnt from its refusals, per store. */
export interface Dialect {
  knowsChecksums: boolean;
  knowsConditions: boolean;
}

/** A bucket, how it is reached and how it speaks. */
export interface S3Bucket {
  storeName: string;
  options: S3StoreOptions;
  limits: S3Limits;
  client: S3Client;
  /** For the completion of an upload. */
  patientClient: S3Client;
  dialect: Dialect;
  /** Before every key: empty, or it ends with a slash. */
  prefix: string;
}

export const usualLimits: S3Limits = {
  connectTimeoutMs: 10_000,
  idleTimeoutMs: 60_000,
  completeTimeoutMs: 600_000,
  attempts: 6,
  sleep: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs)),
};

export function openBucket(storeName: string, options: S3StoreOptions): S3Bucket {
  const limits = { ...usualLimits, ...options.limits };
  const client = (idleTimeoutMs: number) =>
    new S3Client({
      region: options.region,
      ...(options.endpoint === null ? {} : { endpoint: options.endpoint }),
      ...(options.credentials === null ? {} : { credentials: withToken(options.credentials) }),
      forcePathStyle: options.pathStyle,
      maxAttempts: limits.attempts,
      retryMode: 'standard',
      requestHandler: { connectionTimeout: limits.connectTimeoutMs, socketTimeout: idleTimeoutMs },
      // The SDK would add CRC32 headers that some providers refuse. We send SHA-256 ourselves.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // With it every part would open a connection of its own.
      expectContinueHeader: false,
    });
  return {
    storeName,
    options,
    limits,
    client: client(limits.idleTimeoutMs),
    patientClient: client(limits.completeTimeoutMs),
    dialect: { knowsChecksums: true, knowsConditions: true },
    prefix: options.prefix === null ? '' : `${options.prefix}/`,
  };
}

function withToken({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: NonNullable<S3StoreOptions['credentials']>) {
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

/** Bucket and full key, as every command wants them. */
export function place({ options, prefix }: S3Bucket, key: string) {
  return { Bucket: options.bucket, Key: prefix + key };
}

/** Sends a request again, in fewer words, when the provider refuses a header that not every provider knows. */
export async function inItsDialect<T>(
  { dialect }: S3Bucket,
  send: (dialect: Dialect) => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await send(dialect);
    } catch (error) {
      const unknown = refusedWord(error);
      if (!unknown || !dialect[unknown]) throw error;
      dialect[unknown] = false;
    }
  }
}

/** Amazon answers 501 and names the header beside the message; Backblaze 400 and names it in the message. */
function refusedWord(error: unknown): keyof Dialect | null {
  const { message, Header, $metadata } = error as {
    message?: string;
    Header?: string;
    $metadata?: { httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (status !== 400 && status !== 501) return null;
  const words = `${message} ${Header}`;
  if (/x-amz-(sdk-)?checksum|x-amz-trailer/i.test(words)) return 'knowsChecksums';
  if (/if-none-match|conditional/i.test(words)) return 'knowsConditions';
  return status === 501 ? 'knowsConditions' : null;
}
