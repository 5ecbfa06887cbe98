import { type S3StoreOptions, s3Store } from '../../src/store/s3.ts';
import type { S3Limits } from '../../src/store/s3-bucket.ts';
import { type S3Server, type S3ServerOptions, startS3Server } from './s3-server.ts';

/** Options of a store in the fake: few tries, so that faults end soon. The timeouts allow for a busy machine. */
export function optionsFor(server: S3Server, options: Partial<S3StoreOptions> = {}): S3StoreOptions {
  const { accessKeyId, secretAccessKey, sessionToken, region } = server.account;
  return {
    bucket: server.bucket,
    prefix: 'nightly/prod',
    region,
    endpoint: server.endpoint,
    pathStyle: true,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    objectLock: null,
    now: server.now,
    limits: { attempts: 3, sleep: async () => {} },
    ...options,
  };
}

/** Gives up a silent connection soon: for tests of silence. */
export const impatient: Partial<S3Limits> = {
  attempts: 3,
  idleTimeoutMs: 1000,
  completeTimeoutMs: 1000,
  sleep: async () => {},
};

/** A fake and a store in it. */
export async function openS3(serverOptions: S3ServerOptions = {}, options: Partial<S3StoreOptions> = {}) {
  const server = await startS3Server(serverOptions);
  return { server, store: s3Store('bucket', optionsFor(server, options)) };
}
