import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { policySchema } from '../../src/health/policy.ts';
import { status } from '../../src/status.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { findCopies } from '../../src/store/find.ts';
import { verify } from '../../src/verify.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** Each of these once looked healthy, and was not. */

afterAll(stopServers);

async function small(): Promise<string> {
  const url = await newDatabase(18);
  await run(url, 'CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
  return url;
}

const healthOf = (place: Workplace) =>
  status(place.deps, { databases: ['crm'], policy: policySchema.parse({}), outDir: null, site: false });
const verifyAll = (place: Workplace) =>
  verify(place.deps, { database: 'crm', id: 'latest', all: true, identities: [place.identity] });

test('a store that was emptied', async () => {
  await using place = await openWorkplace();
  await place.backup(await small());
  await place.restoreTest();
  expect((await healthOf(place)).health.state).toBe('good');
  await rm(join(place.folder, 'store'), { recursive: true });
  await expect(verifyAll(place)).rejects.toThrow(/does not hold crm-.*although the ledger says so/);
  expect((await healthOf(place)).health).toMatchObject({ state: 'critical' });
});

test('one of two stores that was emptied', async () => {
  await using place = await openWorkplace();
  const second = directoryStore('second', join(place.folder, 'second'));
  Object.assign(place.deps, { stores: [...place.deps.stores, second] });
  await place.backup(await small());
  await place.restoreTest();
  await rm(join(place.folder, 'second'), { recursive: true });
  await expect(place.verify()).rejects.toThrow(/Store second does not hold/);
  const { health, facts } = await healthOf(place);
  expect(health.state).toBe('warning');
  expect(facts[0]!.storesBehind).toMatchObject([{ store: 'second' }]);
});

test('no backup at all, verified', async () => {
  await using place = await openWorkplace();
  await expect(verifyAll(place)).rejects.toThrow(/No store holds a backup/);
  expect((await healthOf(place)).health.state).toBe('critical');
});

test('an old backup restored into another database does not become the newest of this one', async () => {
  await using place = await openWorkplace();
  const url = await small();
  const old = await place.backup(url);
  await run(url, 'INSERT INTO t VALUES (2)');
  const newest = await place.backup(url);
  await place.restore(await newDatabase(18), { id: old.id, mode: 'new' });
  expect((await findCopies(place.deps.stores, 'crm', 'latest'))[0]!.id).toBe(newest.id);
  expect((await healthOf(place)).facts[0]!.newestGood?.id).toBe(newest.id);
});

test('rows that the configuration leaves out are in the backup that a restore takes first', async () => {
  await using place = await openWorkplace();
  const url = await small();
  await run(url, 'CREATE TABLE audit (a int); INSERT INTO audit VALUES (1), (2)');
  const taken = await place.backup(url, { excludeRows: ['public.audit'] });
  expect(taken.receipt.notCarried).toBe(1);
  const { done } = await place.restore(url, { id: taken.id });
  const before = await findCopies(place.deps.stores, 'crm', done!.before!);
  expect(before[0]!.receipt).toMatchObject({ tables: 2, rows: 3, notCarried: 0 });
});

test('a migration that waits behind the backup does not make it wait for ever', async () => {
  await using place = await openWorkplace();
  const url = await small();
  const blocker = new pg.Client({ connectionString: url });
  await blocker.connect();
  // Queues behind the snapshot's lock as soon as that is held; everything after it queues behind the migration.
  const [backup, migration] = [
    place.backup(url),
    (async () => {
      for (;;) {
        const [row] = await run(
          url,
          `SELECT count(*)::int AS n FROM pg_locks l WHERE l.relation = 't'::regclass AND l.granted AND l.mode = 'AccessShareLock'`,
        );
        if (row!['n'] !== 0) break;
      }
      await blocker.query('ALTER TABLE t ADD COLUMN b int');
    })(),
  ];
  const outcome = await backup.then(
    () => 'made',
    (error: Error) => error.message,
  );
  await migration;
  await blocker.end();
  expect(outcome).toMatch(/^made$|gave way/);
}, 60_000);

test('a role that owns its tables and nothing else can back them up', async () => {
  await using place = await openWorkplace();
  const host = await server(18);
  await run(host.url, `CREATE ROLE plain LOGIN PASSWORD 'plain'`);
  const url = new URL(await newDatabase(18, 'OWNER plain'));
  url.username = 'plain';
  url.password = 'plain';
  await run(url.href, 'CREATE SCHEMA own; CREATE TABLE own.t (a int); INSERT INTO own.t VALUES (1)');
  expect((await place.backup(url.href)).receipt).toMatchObject({ tables: 1, rows: 1 });
});

test('rows that others refer to cannot be left out', async () => {
  await using place = await openWorkplace();
  const url = await small();
  await run(
    url,
    'CREATE TABLE p (id int PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c (p int REFERENCES p); INSERT INTO c VALUES (1)',
  );
  await expect(place.backup(url, { excludeRows: ['public.p'] })).rejects.toThrow(/could never be restored/);
});

test("the CRM's own backups are carried when other rows refer to them", async () => {
  await using place = await openWorkplace();
  const url = await small();
  await run(
    url,
    `CREATE TABLE backups (id serial PRIMARY KEY, date date, size_kb int, type text, status text, data jsonb, enquiry_count int, trigger_event text, created_at timestamptz);
     INSERT INTO backups DEFAULT VALUES; CREATE TABLE restore_log (backup int REFERENCES backups); INSERT INTO restore_log VALUES (1)`,
  );
  const taken = await place.backup(url);
  expect(taken.receipt).toMatchObject({ tables: 3, rows: 3, notCarried: 0 });
  expect((await place.restoreTest()).comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
  expect((await place.restore(url, { id: taken.id })).done!.contentRoot).toBe(taken.receipt.contentRoot);
});

test('a setting that the scratch server does not take refutes nothing', async () => {
  await using place = await openWorkplace();
  const url = await small();
  const name = new URL(url).pathname.slice(1);
  // As on a machine that has this locale; here setting it again is refused.
  await run(
    url,
    `SET allow_system_table_mods = on;
     INSERT INTO pg_db_role_setting VALUES ((SELECT oid FROM pg_database WHERE datname = '${name}'), 0, ARRAY['lc_time=xx_YY.UTF-8'])`,
  );
  const taken = await place.backup(url);
  const { comparison } = await place.restoreTest();
  expect(comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
  expect(comparison.schema).toMatchObject({
    verdict: 'explained',
    differences: [{ explanation: expect.stringContaining('scratch server') }],
  });
});
