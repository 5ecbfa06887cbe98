import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { s3Store } from '../../src/store/s3.ts';
import { failureOf, streamOf } from '../support/pieces.ts';
import { type S3Server, startS3Server } from '../support/s3-server.ts';
import { optionsFor } from '../support/s3-under-test.ts';

/** A role taken through OIDC, as by a workflow with `id-token: write`: the token of the job against keys for an hour. */

let server: S3Server;
let folder: string;
let asked: URLSearchParams[];
let refusesRole: boolean;
const securityService = createServer(async (request, response) => {
  asked.push(new URLSearchParams(await text(request)));
  const { accessKeyId, secretAccessKey, sessionToken } = server.account;
  const body = refusesRole
    ? '<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>'
    : `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(Date.now() + 3_600_000).toISOString()}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`;
  response.writeHead(refusesRole ? 403 : 200, { 'content-type': 'text/xml' }).end(body);
});

beforeEach(async () => {
  server = await startS3Server({ sessionToken: 'token-of-the-role' });
  folder = await mkdtemp(join(tmpdir(), 'holdfast-role-'));
  asked = [];
  refusesRole = false;
  await new Promise<void>((resolve) => securityService.listen(0, '127.0.0.1', resolve));
  await writeFile(join(folder, 'token'), 'token-of-the-job');
  const environment = {
    AWS_ACCESS_KEY_ID: undefined,
    AWS_PROFILE: undefined,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_REGION: 'us-east-1',
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/holdfast',
    AWS_WEB_IDENTITY_TOKEN_FILE: join(folder, 'token'),
    AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(securityService.address() as AddressInfo).port}`,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  securityService.closeAllConnections();
  await new Promise((resolve) => securityService.close(resolve));
  await server.close();
  await rm(folder, { recursive: true });
});

const put = () =>
  s3Store('bucket', optionsFor(server, { credentials: null })).put('crm/x', streamOf(Buffer.from('rows')));

test('the token of the job becomes keys, with which the backup is signed', async () => {
  expect(await put()).toMatchObject({ sizeBytes: 4 });
  expect(asked.map((each) => each.get('WebIdentityToken'))).toContain('token-of-the-job');
});

test('a role that does not trust the job is said so', async () => {
  refusesRole = true;
  const error = await failureOf(put());
  expect(error).toMatchObject({
    name: 'StoreError',
    publicReason: 'a store could not be read: the role could not be taken through OIDC',
    hint: expect.stringContaining('id-token: write'),
  });
  expect(error.message).not.toContain('token-of-the-job');
});
