import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HoldfastError } from '../../src/lib/errors.ts';
import { type S3StoreOptions, s3Store } from '../../src/store/s3.ts';
import { failureOf, streamOf, within } from '../support/pieces.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { impatient, optionsFor } from '../support/s3-under-test.ts';

/** What a person is told when a bucket does not do as asked. */

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const text = Buffer.from('rows');

let server: S3Server;
beforeEach(async () => {
  server = await startS3Server({ sessionToken: 'a-session-token' });
});
afterEach(() => server.close());
const store = (options: Partial<S3StoreOptions> = {}) => s3Store('bucket', optionsFor(server, options));
const own = () => server.account;

/** It is a store error, whose public part names nothing, and which nowhere holds a secret. */
function expectSafe(error: Error): HoldfastError {
  expect(error).toMatchObject({ name: 'StoreError', hint: expect.stringMatching(/./) });
  expect((error as HoldfastError).publicReason).not.toMatch(/crm|backups|127\.0|nightly|localhost/);
  const everything = inspect(error, { depth: 20, showHidden: true });
  for (const secret of ['secret/of', 'a-session-token', 'AKIAEXAMPLE', 'Signature=', 'AWS4-HMAC'])
    expect(everything).not.toContain(secret);
  return error as HoldfastError;
}

const works = {
  put: (options?: Partial<S3StoreOptions>) => store(options).put(key, streamOf(text)),
  get: (options?: Partial<S3StoreOptions>) => store(options).get(key),
  size: (options?: Partial<S3StoreOptions>) => store(options).size(key),
  list: (options?: Partial<S3StoreOptions>) => store(options).list('crm'),
  unfinished: (options?: Partial<S3StoreOptions>) => store(options).unfinishedUploads(),
};

describe.each(Object.entries(works))('%s', (name, work) => {
  const verb = name === 'put' ? /written to|read/ : /read/;

  test.each<[string, Partial<S3StoreOptions> | (() => Partial<S3StoreOptions>), string, string]>([
    ['a bucket that is not there', { bucket: 'no-such' }, 'there is no such bucket', '`bucket`'],
    ['another region', { region: 'eu-west-1' }, 'the bucket is in another region', 'region: us-east-1'],
    [
      'a wrong secret',
      () => ({ credentials: { ...own(), secretAccessKey: 'secret/of+others' } }),
      'the secret access key does not fit the access key',
      'secret-access-key',
    ],
    [
      'an unknown access key',
      () => ({ credentials: { ...own(), accessKeyId: 'AKIAEXAMPLE2' } }),
      'the access key is not known there',
      'access-key-id',
    ],
    [
      'another session token',
      () => ({ credentials: { ...own(), sessionToken: 'a-session-token-of-yesterday' } }),
      'the session token is not valid',
      'role',
    ],
  ])('%s', async (_, options, reason, hint) => {
    const error = await failureOf(work(typeof options === 'function' ? options() : options));
    const { message, hint: advice, publicReason } = expectSafe(error);
    expect(message).toMatch(verb);
    expect([message, advice, publicReason]).toEqual([
      expect.stringContaining(reason),
      expect.stringContaining(hint),
      expect.stringContaining(reason),
    ]);
  });
});

test.each([
  ['s3:ListBucket', () => works.list()],
  ['s3:GetObject', () => works.get()],
  ['s3:PutObject', () => works.put()],
])('a missing permission is named: %s', async (permission, work) => {
  server.denied.add(permission);
  const { message, hint } = expectSafe(await failureOf(work()));
  expect([message, hint]).toEqual([
    expect.stringContaining('permission denied'),
    expect.stringContaining(`need ${permission}`),
  ]);
});

test('s3:DeleteObject too', async () => {
  await works.put();
  server.denied.add('s3:DeleteObject');
  expect(expectSafe(await failureOf(store().remove(key))).hint).toContain('need s3:DeleteObject');
});

const refusals: [number, string, string, string][] = [
  [400, 'ExpiredToken', 'The provided token has expired.', 'the credentials have expired'],
  [403, 'RequestTimeTooSkewed', 'The difference is too large', 'the clock of this machine is wrong'],
  [301, 'PermanentRedirect', 'Use another endpoint', 'the bucket is in another region'],
  [503, 'SlowDown', 'Reduce your rate', 'the service is overloaded'],
  [507, 'XMinioStorageFull', 'Full', 'the storage is full'],
  [403, 'KMS.DisabledException', 'arn:aws:kms is disabled', 'the encryption key is disabled'],
  [418, 'Teapot', 'secret/of a teapot', 'the service refused'],
];
test.each(refusals)('%i %s', async (status, code, message, reason) => {
  const headers = { 'x-amz-bucket-region': 'eu-central-1' };
  server.faults.push({ on: 'ListObjectsV2', times: 99, refuse: { status, code, message, headers } });
  const error = expectSafe(await within(15_000, failureOf(works.list())));
  expect(error.publicReason).toContain(`a store could not be read: ${reason}`);
  expect(error.message).toContain(`(${code}, HTTP ${status}, request TESTREQUEST)`);
  if (status === 301) expect(error.hint).toContain('`region: eu-central-1`');
});

test('the permission that the answer names counts more than that of the request', async () => {
  const message =
    'User: arn:aws:iam::1:user/x is not authorized to perform: kms:GenerateDataKey on resource: arn:…';
  server.faults.push({ on: 'PutObject', refuse: { status: 403, code: 'AccessDenied', message } });
  expect(expectSafe(await failureOf(works.put())).hint).toContain('need kms:GenerateDataKey.');
});

test('an answer that is no XML, as of a proxy', async () => {
  const claim = { 'content-type': 'text/html' };
  server.faults.push({ on: 'ListObjectsV2', times: 99, refuse: { status: 502, code: '', headers: claim } });
  expect(expectSafe(await failureOf(works.list())).message).toContain('HTTP 502');
});

describe('a network that does not lead there', () => {
  test('a refused connection', async () => {
    const free = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => free.once('listening', resolve));
    const { port } = free.address() as { port: number };
    await new Promise((resolve) => free.close(resolve));
    const error = await failureOf(works.list({ endpoint: `http://127.0.0.1:${port}` }));
    expect(expectSafe(error).publicReason).toBe('a store could not be read: it refuses connections');
  });

  test('a name that nobody has', async () => {
    const error = await failureOf(works.list({ endpoint: 'http://no-such-host.invalid' }));
    expect(expectSafe(error).publicReason).toBe('a store could not be read: its address is not known');
  });

  test('https where http is spoken', async () => {
    const error = await failureOf(works.list({ endpoint: server.endpoint.replace('http:', 'https:') }));
    expect(expectSafe(error).publicReason).toBe(
      'a store could not be read: it does not speak TLS as expected',
    );
  });

  test('a black hole: it takes the request and never answers', async () => {
    server.faults.push({ on: 'ListObjectsV2', times: 99, hang: true });
    const error = await within(20_000, failureOf(works.put({ limits: impatient })));
    expect(expectSafe(error).publicReason).toBe('a store could not be read: it does not answer');
  });
});

test('no credentials at all', async () => {
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'])
    vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
  try {
    const said = (verb: string) => ({
      name: 'ConfigError',
      publicReason: `a store could not be ${verb}: there are no credentials`,
      hint: expect.stringMatching(/AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.*OIDC/),
    });
    expect(await failureOf(works.list({ credentials: null }))).toMatchObject(said('read'));
    // It is known before a source is read.
    expect(await failureOf(store({ credentials: null }).ready!())).toMatchObject(said('written to'));
    await expect(store().ready!()).resolves.toBeUndefined();
  } finally {
    vi.unstubAllEnvs();
  }
});

test('credentials of the environment', async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', own().accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', own().secretAccessKey);
  vi.stubEnv('AWS_SESSION_TOKEN', own().sessionToken);
  try {
    expect(await works.put({ credentials: null })).toMatchObject({ sizeBytes: 4 });
  } finally {
    vi.unstubAllEnvs();
  }
});
