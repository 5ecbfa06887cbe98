import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliFolder, config, openCliFolder } from '../support/cli.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/**
 * Each thing that people get wrong, through the real command line: one clear message, the documented exit code, nothing
 * half-written, no secret in any output, and a failed attempt in the ledger where one was made.
 */

let url: string;
beforeAll(async () => {
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE open (id int); INSERT INTO open VALUES (1);
     CREATE TABLE payroll (id int); CREATE TABLE secrets_of_hr (id int);
     CREATE ROLE reader LOGIN PASSWORD 'S3cret!pass'; GRANT SELECT ON open TO reader`,
  );
});
afterAll(stopServers);

function changed(change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

const marker = 'M4rkedPassw0rd';

describe('a database that cannot be read', () => {
  const cases: { name: string; url: () => string; code: number; says: RegExp; reason: RegExp }[] = [
    {
      name: 'wrong host',
      url: () =>
        changed((u) => {
          u.hostname = 'no-such-host.invalid';
          u.password = marker;
        }),
      code: 3,
      says: /no-such-host\.invalid, has no address/,
      reason: /host was not found/,
    },
    {
      name: 'wrong port',
      url: () =>
        changed((u) => {
          u.port = '1';
          u.password = marker;
        }),
      code: 3,
      says: /Nothing listens at 127\.0\.0\.1:1/,
      reason: /refused the connection/,
    },
    {
      name: 'wrong password',
      url: () =>
        changed((u) => {
          u.password = marker;
        }),
      code: 2,
      says: /refused the login/,
      reason: /refused the login/,
    },
    {
      name: 'wrong database',
      url: () =>
        changed((u) => {
          u.pathname = '/nothing';
        }),
      code: 2,
      says: /has no database of the name/,
      reason: /does not exist/,
    },
    {
      name: 'not a URL',
      url: () => `mysql://root:${marker}@db/crm`,
      code: 2,
      says: /does not begin with postgres/,
      reason: /URL is not valid/,
    },
    {
      name: 'a role without rights on two tables',
      url: () =>
        changed((u) => {
          u.username = 'reader';
          u.password = 'S3cret!pass';
        }),
      code: 2,
      says: /may not read public\.payroll, public\.secrets_of_hr/,
      reason: /may not read everything/,
    },
  ];
  test.each(cases)('$name', async ({ url: of, code, says, reason }) => {
    await using place = await openCliFolder();
    const given = of();
    const result = await place.holdfast(['backup'], { DATABASE_URL: given });
    expect(result.stderr).toMatch(says);
    expect(result.stderr).toContain('→');
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(await place.files()).toEqual([
      'holdfast.yml',
      'identity.txt',
      expect.stringMatching(/^ledger\/\d{4}-\d{2}\.ndjson$/),
    ]);
    const [record] = await place.ledger();
    expect(record).toMatchObject({
      verb: 'backup',
      outcome: 'failed',
      reason: expect.stringMatching(reason),
    });
    const everything = result.stderr + JSON.stringify(record);
    for (const secret of [marker, 'S3cret!pass', new URL(url).password])
      expect(everything).not.toContain(secret);
    expect(JSON.stringify(record)).not.toMatch(/payroll|127\.0\.0\.1|reader/);
  });
});

/** So that no credentials of whoever runs the tests are found. */
const nothingOfAmazon = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_CONFIG_FILE: '/dev/null',
};

describe('a configuration that is not right', () => {
  const cases: { name: string; yaml: (recipient: string) => string; says: RegExp }[] = [
    {
      name: 'an unknown field',
      yaml: (r) => config(r).replace('stores:', 'store:'),
      says: /unknown field "store".*"stores"/,
    },
    {
      name: 'an unknown field inside a database',
      yaml: (r) => config(r).replace('    url:', '    exclude-row: []\n    url:'),
      says: /unknown field "exclude-row" in databases\.crm\. Did you mean "exclude-rows"/,
    },
    {
      name: 'no recipient',
      yaml: () => config('x').replace(/encryption:\n.*\n/, ''),
      says: /names no recipient/,
    },
    {
      name: 'a recipient that is none',
      yaml: () => config('age1nonsense'),
      says: /"age1nonsense" is not an age recipient/,
    },
    {
      name: 'a password in the file',
      yaml: (r) => config(r).replace('${DATABASE_URL}', `postgres://me:${marker}@db.example.com/crm`),
      says: /databases\.crm\.url holds a password/,
    },
    { name: 'no YAML', yaml: () => 'databases: [', says: /holdfast\.yml:\d+ is not YAML/ },
    {
      name: 'a bucket without credentials',
      yaml: (r) => config(r).replace('type: directory, path: store', 'type: s3, bucket: crm'),
      says: /there are no credentials.*\n.*Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY/,
    },
    {
      name: 'an unset variable',
      yaml: (r) => config(r).replace('DATABASE_URL', 'NOT_SET'),
      says: /\$\{NOT_SET\}, which is not set/,
    },
  ];
  test.each(cases)('$name', async ({ yaml, says }) => {
    await using place = await openCliFolder();
    await place.configure(yaml(place.recipient));
    const result = await place.holdfast(['backup'], { DATABASE_URL: url, ...nothingOfAmazon });
    expect(result.stderr).toMatch(says);
    expect(result.code).toBe(2);
    expect(result.stderr).not.toContain(marker);
    expect(result.stderr).not.toContain('Opening a snapshot');
    expect((await place.files()).filter((file) => file.startsWith('store'))).toEqual([]);
  });

  test('an identity in place of the recipient is not repeated', async () => {
    await using place = await openCliFolder();
    const identity = await generateX25519Identity();
    await place.configure(config(identity));
    const result = await place.holdfast(['backup'], { DATABASE_URL: url });
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('secret half') });
    expect(result.stderr).not.toContain(identity);
  });

  test('with --json the error is a document too', async () => {
    await using place = await openCliFolder();
    const result = await place.holdfast(['list', '--json', '--config', 'missing.yml']);
    expect(JSON.parse(result.stdout)).toMatchObject({
      error: { kind: 'ConfigError', message: expect.stringContaining('missing.yml') },
    });
    expect(result.code).toBe(2);
  });

  test('a database that is no CRM’s is not served, and nothing is made in it', async () => {
    await using place = await openCliFolder();
    const env = { DATABASE_URL: url, CRM_API_KEY: 'a-key-that-is-long-enough-4711' };
    const { child, ended } = place.start(['crm', 'serve', '--port', '0'], env);
    const tooLong = setTimeout(() => child.kill(), 20_000);
    const result = await ended;
    clearTimeout(tooLong);
    expect(result).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('no table public.enquiries and public.staff'),
    });
    expect(await run(url, "SELECT to_regclass('public.backups') AS made")).toEqual([{ made: null }]);
  });

  test('an unknown command or option explains itself', async () => {
    await using place = await openCliFolder();
    expect(await place.holdfast(['backpu'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Did you mean backup'),
    });
    expect(await place.holdfast(['backup', '--if-older-than', 'soon'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('18h'),
    });
  });
});

describe('a backup that cannot be read back', () => {
  let place: CliFolder;
  let id: string;
  let archive: string;
  beforeAll(async () => {
    place = await openCliFolder();
    const result = await place.holdfast(['backup', '--json'], { DATABASE_URL: url });
    id = JSON.parse(result.stdout).backups[0].id;
    archive = join(place.folder, 'store', 'crm', id, 'archive.tar.age');
  });
  afterAll(() => place[Symbol.asyncDispose]());

  test('wrong identity', async () => {
    const other = join(place.folder, 'other.txt');
    await writeFile(other, await generateX25519Identity());
    for (const verb of ['verify', 'restore-test']) {
      const result = await place.holdfast([verb, '--identity-file', other]);
      expect(result).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('encrypted to other recipients'),
      });
    }
    const status = JSON.parse((await place.holdfast(['status', '--json'])).stdout);
    expect(status.databases[0].backups[0].good).toBe(true);
  });

  test('a file that is no identity', async () => {
    const result = await place.holdfast(['verify', '--identity-file', 'holdfast.yml']);
    expect(result).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('The file "holdfast.yml" holds no identity'),
    });
    expect(result.stderr).not.toContain(place.recipient);
  });

  test('no identity: the bytes are checked, a restore test is refused', async () => {
    expect(await place.holdfast(['verify'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('intact'),
    });
    expect(await place.holdfast(['restore-test'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no identity was given'),
    });
  });

  test('an id that does not exist', async () => {
    for (const id of ['crm-20200101T000000Z-aaaa', 'nonsense']) {
      const result = await place.holdfast(['verify', id]);
      expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining('holdfast list') });
      expect(result.stderr).not.toContain('database');
    }
  });

  test('a scratch database that is the source, or is not empty', async () => {
    const options = ['restore-test', '--identity-file', place.identityFile, '--scratch'];
    expect(await place.holdfast([...options, 'THE_URL'], { THE_URL: url })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is the source itself'),
    });
    const filled = await newDatabase(18);
    await run(filled, 'CREATE TABLE mine (a int)');
    expect(await place.holdfast([...options, 'SCRATCH'], { SCRATCH: filled })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is not empty'),
    });
    expect(await run(filled, 'SELECT count(*)::int AS n FROM mine')).toEqual([{ n: 0 }]);
    expect(
      await run(url, `SELECT count(*)::int AS n FROM pg_database WHERE datname LIKE 'holdfast%'`),
    ).toEqual([{ n: 0 }]);
  });

  test('a scratch server by URL is left as it was', async () => {
    const empty = await newDatabase(18);
    const result = await place.holdfast(
      ['restore-test', '--identity-file', place.identityFile, '--scratch', 'SCRATCH'],
      { SCRATCH: empty },
    );
    expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('all equal') });
    expect(
      await run(url, `SELECT count(*)::int AS n FROM pg_database WHERE datname LIKE 'holdfast%'`),
    ).toEqual([{ n: 0 }]);
  });

  test('a store that was moved away', async () => {
    const store = join(place.folder, 'store');
    await rename(store, `${store}-elsewhere`);
    const says = expect.stringContaining('Store disk does not hold the only backup of crm');
    expect(await place.holdfast(['list'])).toMatchObject({ code: 3, stdout: '', stderr: says });
    expect(await place.holdfast(['prune', '--apply'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('the store is empty'),
    });
    expect(await place.holdfast(['doctor'], { DATABASE_URL: url })).toMatchObject({ code: 2, stdout: says });
    await rename(`${store}-elsewhere`, store);
  });

  test('a truncated archive, and the page that then may not say Good', async () => {
    const whole = await readFile(archive);
    await truncate(archive, whole.length - 100);
    const result = await place.holdfast(['verify', '--identity-file', place.identityFile]);
    expect(result).toMatchObject({ code: 4, stderr: expect.stringContaining('the receipt says') });
    expect(await place.holdfast(['restore-test', '--identity-file', place.identityFile])).toMatchObject({
      code: 4,
    });
    const status = JSON.parse((await place.holdfast(['status', '--json'])).stdout);
    expect(status.health.state).toBe('critical');
    expect((await place.holdfast(['list'])).stdout).toMatch(/damaged/);
    await writeFile(archive, whole);
    expect(await place.holdfast(['verify', '--identity-file', place.identityFile])).toMatchObject({
      code: 0,
    });
  });
});
