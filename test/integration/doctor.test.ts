import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDatabase, type DatabaseToCheck } from '../../src/doctor/database.ts';
import { examine, type Finding } from '../../src/doctor/finding.ts';
import { config, openCliFolder } from '../support/cli.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { startTlsServer } from '../support/tls-server.ts';
import { missingTools } from '../support/tools.ts';

/** The doctor on a real server: as a role that may read everything, and as one that lacks something. */

let url: string;
beforeAll(async () => {
  url = await newDatabase(17);
  await run(
    url,
    `CREATE TABLE customers (id serial PRIMARY KEY, name text);
     INSERT INTO customers (name) VALUES ('Ada');
     CREATE ROLE keeper LOGIN PASSWORD 'keeper' CONNECTION LIMIT 5 IN ROLE pg_read_all_data;
     CREATE ROLE stranger LOGIN PASSWORD 'stranger'`,
  );
});
afterAll(stopServers);

const as = (role: string) => {
  const address = new URL(url);
  address.username = role;
  address.password = role;
  return String(address);
};
const look = (changes: Partial<DatabaseToCheck> = {}, role = 'keeper'): Promise<Finding[]> => {
  const about = 'database crm';
  const options: DatabaseToCheck = {
    ...{ about, target: { url: as(role), label: 'database "crm"' }, excludeRows: [], connections: 2 },
    now: Date.now,
    ...changes,
  };
  return examine([{ about, look: () => checkDatabase(options) }], () => {});
};
const problems = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level === 'problem').map(({ text }) => text);

describe('a database', () => {
  test('that a backup can read is well, and its rows are not read', async () => {
    await run(url, 'SELECT pg_stat_reset()');
    const found = await look();
    expect(found.map(({ level, text }) => [level, text.replace(/127.*:\d+/, 'HOST')])).toEqual([
      ['ok', 'It answers at HOST.'],
      ['ok', 'The clocks of this machine and of the database server agree.'],
      ['ok', expect.stringMatching(/^It is PostgreSQL 17, which pg_dump \S+ \(bundled\) reads\.$/)],
      ['ok', 'The role may read everything: 1 table.'],
      ['ok', 'It gives the 4 connections that a backup needs.'],
    ]);
    const [stats] = await run(url, "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'customers'");
    expect(Number(stats!['seq_scan'] ?? 0)).toBe(0);
  });

  test('whose tables the role may not read is a problem, with their names for insiders only', async () => {
    const [found] = (await look({}, 'stranger')).filter(({ level }) => level === 'problem');
    expect(found!.text).toContain('public.customers');
    expect(found!.advice).toContain('pg_read_all_data');
    expect(found!.publicText).toBe('The role may not read everything.');
  });

  test('with a policy that would hide rows, or large objects out of reach, is a problem', async () => {
    await run(
      url,
      `CREATE TABLE notes (id int); ALTER TABLE notes ENABLE ROW LEVEL SECURITY; GRANT SELECT ON notes TO keeper`,
    );
    expect(problems(await look())).toEqual([expect.stringContaining('row-level security')]);
    await run(url, 'DROP TABLE notes; SELECT lo_create(4711)');
    await run(url, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger');
    expect(problems(await look({}, 'stranger'))).toEqual([expect.stringContaining('large objects')]);
    await run(url, 'SELECT lo_unlink(4711)');
  });

  test('that is newer than every pg_dump is a problem', async () => {
    const found = await look({ pgDump: { bundledMajor: 16, folders: [] } });
    expect(problems(found)).toEqual([expect.stringContaining('The server is PostgreSQL 17')]);
  });

  test('that gives too few connections is a problem', async () => {
    expect(problems(await look({ connections: 4 }))).toEqual([expect.stringContaining('no connection left')]);
  });

  test('whose exclude-rows name nothing is a problem', async () => {
    expect(problems(await look({ excludeRows: ['public.gone'] }))).toEqual([
      expect.stringContaining('public.gone, which does not exist'),
    ]);
  });

  test('whose clock is off is noticed', async () => {
    const found = await look({ now: () => Date.now() + 3 * 3_600_000 });
    expect(problems(found)).toEqual([expect.stringContaining('differ by 3 h')]);
  });

  test.each([
    ['refuses the login', () => url.replace(/\/\/[^@]*@/, '//keeper:wrong@'), 'refused the login'],
    ['does not listen', () => as('keeper').replace(/:\d+\//, ':1/'), 'Nothing listens'],
  ])('that %s is one problem and no more', async (_, urlOf, words) => {
    const found = await look({ target: { url: urlOf(), label: 'database "crm"' } });
    expect(found).toMatchObject([{ level: 'problem', text: expect.stringContaining(words) }]);
  });
});

const missing = missingTools('TLS', 'openssl');

describe.skipIf(missing.length > 0)('the way to a database', () => {
  test('is well with a checked certificate, and a warning with one that nobody checks', async () => {
    await using tls = await startTlsServer();
    const through = async (parameters: string) => {
      const target = { url: `${tls.url}?${parameters}`, label: 'database "crm"' };
      const [first] = await look({ target });
      return [first!.level, first!.text.replace(/at \S+/, 'at HOST')];
    };
    const root = encodeURIComponent(tls.file('authority.crt'));
    expect(await through(`sslmode=verify-full&sslrootcert=${root}`)).toEqual([
      'ok',
      'It answers at HOST with TLS and a valid certificate.',
    ]);
    expect(await through('sslmode=require')).toEqual(['warning', expect.stringContaining('nobody checks')]);
    expect(await through('sslmode=verify-full')).toEqual(['problem', expect.stringContaining('not signed')]);
  });
});

describe('holdfast doctor', () => {
  test('says what is well, with exit code 0, and leaves nothing behind', async () => {
    await using folder = await openCliFolder();
    const before = await folder.files();
    const args = ['doctor', '--identity-file', folder.identityFile];
    const said = await folder.holdfast(args, { DATABASE_URL: as('keeper') });
    expect(said.stdout).toContain('✓ database crm: The role may read everything: 1 table.');
    expect(said.stdout).toContain('✓ encryption: The identity that was given decrypts');
    expect(said.stdout).toContain('✓ store disk: It takes an object and gives it back');
    expect(said.stdout).toContain('! heartbeat: There is none');
    expect(said.stdout).toMatch(/\nno problems, 1 warning\n$/);
    expect(said.code).toBe(0);
    expect(await folder.files()).toEqual(before);
  });

  test('says everything that is wrong at once, with exit code 2, and shows no secret', async () => {
    await using folder = await openCliFolder();
    await folder.configure(`${config('age1nonsense')}retention: { keep-last: 5 }
alerts: { heartbeat-url: "\${HEARTBEAT_URL}" }
`);
    const env = { DATABASE_URL: as('keeper').replace(':keeper@', ':Wr0ng-Pass@') };
    const said = await folder.holdfast(['doctor'], env);
    expect(said.code).toBe(2);
    expect(said.stdout).toContain('✗ encryption:');
    expect(said.stdout).toContain('✗ database crm:');
    expect(said.stdout).toContain('✗ heartbeat:');
    expect(said.stdout).toContain('✓ ledger:');
    expect(said.stdout + said.stderr).not.toContain('Wr0ng-Pass');
    const json = await folder.holdfast(['doctor', '--json'], env);
    expect(json.code).toBe(2);
    const report = JSON.parse(json.stdout);
    expect(report.problems).toBeGreaterThanOrEqual(3);
    expect(report.findings[0]).toEqual({
      about: 'Node',
      level: 'ok',
      text: expect.any(String),
      advice: null,
    });
  });
});
