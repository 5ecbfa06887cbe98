import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { type AddressInfo, connect as connectSocket, createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HoldfastError } from '../../src/lib/errors.ts';
import { connect, disconnect } from '../../src/source/postgres/connect.ts';
import { openCliFolder } from '../support/cli.ts';
import { run } from '../support/servers.ts';
import { startTlsServer, type TlsServer } from '../support/tls-server.ts';
import { missingTools } from '../support/tools.ts';
import { openWorkplace } from '../support/workplace.ts';

/** `sslmode` and `sslrootcert` mean what they mean to libpq, against a server whose authority is our own. */

const missing = missingTools('TLS', 'openssl', 'pg_dump');
let server: TlsServer;

beforeAll(async () => {
  if (missing.length > 0) return;
  server = await startTlsServer();
  await run(
    server.url,
    `CREATE ROLE tls_only LOGIN PASSWORD 'M4rked!'; CREATE ROLE plain_only LOGIN PASSWORD 'M4rked!';
     CREATE ROLE certified LOGIN; CREATE TABLE t AS SELECT i FROM generate_series(1, 20000) i`,
  );
});
afterAll(() => server?.[Symbol.asyncDispose]());

/** The server's URL with these parameters, in which the files that were made go by their names alone. */
function urlWith(parameters: string, as?: { user?: string; password?: string; host?: string }): string {
  const url = new URL(server.url);
  url.search = parameters.replaceAll(/\b[a-z]+\.(crt|key|pem)/g, (name) =>
    encodeURIComponent(server.file(name)),
  );
  if (as?.host) url.hostname = as.host;
  if (as?.user) Object.assign(url, { username: as.user, password: as.password ?? 'M4rked!' });
  return url.href;
}

/** `tls`, `plain`, or what the refusal says. */
async function outcome(url: string): Promise<string> {
  try {
    const { client } = await connect({ url, label: 'database "crm"' });
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await disconnect(client);
    return rows[0].ssl ? 'tls' : 'plain';
  } catch (error) {
    const { message, hint, publicReason } = error as HoldfastError;
    expect(error).toBeInstanceOf(HoldfastError);
    expect(`${message} ${hint}`).not.toMatch(/M4rked|postgres:\/\/\w+:/);
    expect(publicReason).not.toMatch(/localhost|127|crm/);
    return `${(error as Error).name}: ${message}`;
  }
}

/** An outcome in one word is the whole outcome. */
const exactly = (expected: string | RegExp) =>
  typeof expected === 'string' ? new RegExp(`^${expected}$`) : expected;
const untrusted =
  /^ConfigError: The certificate of .* not signed by an authority that is trusted.*Nothing was read/;
const otherName = /^ConfigError: The certificate of .* is for another host name/;
const expired = /^ConfigError: The certificate of .* has expired/;
const noTls = /^ConfigError: TLS is demanded, but .* has none/;
const wantsTls = /^ConfigError: The server .* refuses connections without TLS/;

describe.skipIf(missing.length > 0)('a server with TLS', () => {
  test.each<[string, string | RegExp]>([
    ['', 'tls'],
    ['sslmode=disable', 'plain'],
    ['sslmode=allow', 'plain'],
    ['sslmode=prefer', 'tls'],
    ['sslmode=require', 'tls'],
    ['ssl=true', 'tls'],
    ['sslmode=require&sslrootcert=authority.crt', 'tls'],
    ['sslmode=require&sslrootcert=stranger.crt', untrusted],
    ['sslmode=prefer&sslrootcert=stranger.crt', 'plain'],
    ['sslmode=verify-ca&sslrootcert=authority.crt', 'tls'],
    ['sslmode=verify-ca&sslrootcert=stranger.crt', untrusted],
    ['sslmode=verify-ca', /^ConfigError: .* sslmode=verify-ca but no sslrootcert/],
    ['sslmode=verify-full&sslrootcert=authority.crt', 'tls'],
    ['sslmode=verify-full&sslrootcert=stranger.crt', untrusted],
    ['sslmode=verify-full', untrusted],
    ['sslrootcert=system', untrusted],
    ['sslmode=require&sslrootcert=system', /^ConfigError: .* sslrootcert=system with sslmode=require/],
    ['sslmode=no-verify', /^ConfigError: .* an sslmode that does not exist/],
    [
      'sslmode=verify-full&sslrootcert=none.pem',
      /^ConfigError: .* sslrootcert names .* holds no certificate/,
    ],
    ['sslmode=verify-full&sslrootcert=gone.crt', /^ConfigError: .* sslrootcert names .* does not exist/],
    ['sslmode=require&sslcert=client.crt', /^ConfigError: .* only one of sslcert and sslkey/],
    ['sslmode=require&sslcert=client.crt&sslkey=server.key', /^ConfigError: .* not a PEM pair/],
  ])('%s', async (parameters, expected) => {
    expect(await outcome(urlWith(parameters))).toMatch(exactly(expected));
  });

  test.each<[string, string | RegExp]>([
    ['sslmode=verify-ca&sslrootcert=authority.crt', 'tls'],
    ['sslmode=require&sslrootcert=authority.crt', 'tls'],
    ['sslmode=verify-full&sslrootcert=authority.crt', otherName],
  ])('by a name that the certificate is not for: %s', async (parameters, expected) => {
    expect(await outcome(urlWith(parameters, { host: '127.0.0.1' }))).toMatch(exactly(expected));
  });

  test.each<[string, string, string | RegExp]>([
    ['tls_only', 'sslmode=disable', wantsTls],
    ['tls_only', 'sslmode=allow', 'tls'],
    ['plain_only', 'sslmode=prefer', 'plain'],
    ['plain_only', 'sslmode=require', /^ConfigError: .* refused the login/],
    ['certified', 'sslmode=require&sslcert=client.crt&sslkey=client.key', 'tls'],
    ['certified', 'sslmode=require', /^ConfigError: .* refused the login/],
  ])('that lets %s in one way only: %s', async (user, parameters, expected) => {
    expect(await outcome(urlWith(parameters, { user }))).toMatch(exactly(expected));
  });

  test('a wrong password is not tried a second time without TLS', async () => {
    let connections = 0;
    const counter = createServer((socket) => {
      connections += 1;
      const onward = connectSocket(Number(new URL(server.url).port), '127.0.0.1');
      socket
        .on('error', () => {})
        .pipe(onward.on('error', () => {}))
        .pipe(socket);
    });
    await once(counter.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(urlWith('', { user: 'postgres', password: 'wrong' }));
    url.port = String((counter.address() as AddressInfo).port);
    expect(await outcome(url.href)).toMatch(/refused the login/);
    counter.close();
    expect(connections).toBe(1);
  });

  test('the authorities of the system', async () => {
    await using place = await openCliFolder();
    const url = urlWith('sslrootcert=system');
    const refused = await place.holdfast(['backup'], { DATABASE_URL: url });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringMatching(/not signed by an authority/) });
    const made = await place.holdfast(['backup'], {
      DATABASE_URL: url,
      SSL_CERT_FILE: server.file('authority.crt'),
    });
    expect(made).toMatchObject({ code: 0 });
  });

  test.each([15, 14])('is backed up over TLS, with the bundled pg_dump of %i', async (bundledMajor) => {
    await using place = await openWorkplace();
    const url = urlWith('sslmode=verify-full&sslrootcert=authority.crt');
    await place.backup(url, { pgDump: { bundledMajor } });
    expect((await place.verify()).checked).toMatchObject([{ rung: 'readable', problem: null }]);
  });

  test('and nothing is stored when its certificate is not trusted', async () => {
    await using place = await openWorkplace();
    await expect(place.backup(urlWith('sslmode=verify-full'))).rejects.toThrow('not signed by an authority');
    expect(await readdir(place.folder)).toEqual(['ledger']);
  });
});

describe.skipIf(missing.length > 0)('a server whose certificate has expired', () => {
  beforeAll(() => server.show('expired'));
  test.each<[string, string | RegExp]>([
    ['sslmode=verify-full&sslrootcert=authority.crt', expired],
    ['sslmode=verify-ca&sslrootcert=authority.crt', expired],
    ['sslmode=require', 'tls'],
  ])('%s', async (parameters, expected) => {
    expect(await outcome(urlWith(parameters))).toMatch(exactly(expected));
  });
});

describe.skipIf(missing.length > 0)('a server without TLS', () => {
  beforeAll(() => server.show(null));
  test.each<[string, string | RegExp]>([
    ['', 'plain'],
    ['sslmode=allow', 'plain'],
    ['sslmode=prefer&sslrootcert=authority.crt', 'plain'],
    ['sslmode=require', noTls],
    ['sslmode=verify-ca&sslrootcert=authority.crt', noTls],
    ['sslmode=verify-full', noTls],
  ])('%s', async (parameters, expected) => {
    expect(await outcome(urlWith(parameters))).toMatch(exactly(expected));
  });
});
