import { afterAll, beforeAll, expect, test } from 'vitest';
import { describePlan } from '../../src/restore/plan-text.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/scratch/embedded.ts';
import { contentRootOf } from '../support/content-root.ts';
import { run } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** What a plan says before anything is touched, on a server with as few locks as one may have. */

let host: EmbeddedPostgres;
let databases = 0;
beforeAll(async () => {
  host = await startEmbeddedPostgres({
    major: 18,
    settings: { max_locks_per_transaction: '10', max_connections: '25' },
  });
});
afterAll(() => host.stop());

async function made(sql: string, options = ''): Promise<string> {
  const name = `plan_${++databases}`;
  await run(host.url, `CREATE DATABASE ${name} ${options}`);
  await run(host.urlOf(name), sql);
  return host.urlOf(name);
}

const onlyPlan = { confirm: async () => false };
const manyObjects = `SELECT lo_from_bytea(100000 + i, 'attachment') FROM generate_series(1, 2000) i`;

test('thousands of large objects take no locks while the backup has them too', async () => {
  await using place = await openWorkplace();
  const url = await made(`CREATE ROLE clerk; ${manyObjects}`);
  const before = await contentRootOf(url);
  const { id } = await place.backup(url);
  await run(url, `SELECT lo_put(oid, 3, 'other bytes, and more of them') FROM pg_largeobject_metadata`);
  await place.restore(url, { id });
  expect(await contentRootOf(url)).toBe(before);
  // Into an empty database each is made by its owner; giving it to one would take a lock.
  await run(
    url,
    `DO $$ BEGIN FOR i IN 1..20 LOOP FOR j IN 1..100 LOOP EXECUTE format('ALTER LARGE OBJECT %s OWNER TO clerk', 99900 + i * 100 + j); END LOOP; COMMIT; END LOOP; END $$`,
  );
  const owned = await place.backup(url);
  const empty = await made('SELECT 1');
  const { done } = await place.restore(empty, { id: owned.id, mode: 'new' });
  expect(done!.contentRoot).toBe(owned.receipt.contentRoot);
});

test('too few locks: said before, with the setting that is enough', async () => {
  await using place = await openWorkplace();
  const url = await made('CREATE TABLE a (b int)');
  const { id } = await place.backup(url);
  await run(url, manyObjects);
  const before = await contentRootOf(url);
  const { plan } = await place.restore(url, { id, ...onlyPlan });
  expect(plan.locks).toMatchObject({ room: 370, suggested: 64 });
  expect(plan.problems).toEqual([
    expect.stringMatching(
      /room for about 370 locks, and this takes about 20\d\d: set max_locks_per_transaction = 64/,
    ),
  ]);
  await expect(place.restore(url, { id })).rejects.toThrow(/max_locks_per_transaction = 64/);
  // Somebody who goes on nevertheless, and a server that is really full.
  const goOn = async (shown: typeof plan) => {
    shown.problems.length = 0;
    return true;
  };
  await expect(place.restore(url, { id, confirm: goOn })).rejects.toThrow(/too few locks to replace/);
  expect(await contentRootOf(url)).toBe(before);
  // Nothing of it was backed up first: the refusal came before that.
  expect((await place.deps.ledger.read())!.filter(({ verb }) => verb === 'backup')).toHaveLength(2);
});

test('each right, role and extension that is missing is named, and nothing is touched', async () => {
  await using place = await openWorkplace();
  const source = await made(
    `CREATE ROLE owner_of_some; CREATE ROLE somebody; CREATE TABLE a (b int); CREATE TABLE c (d int); ALTER TABLE c OWNER TO owner_of_some; CREATE VIEW v AS SELECT 1 AS one;
     GRANT SELECT ON c TO somebody; CREATE EXTENSION file_fdw; GRANT CREATE ON SCHEMA public TO somebody; CREATE SCHEMA other`,
  );
  const { id } = await place.backup(source);
  await run(host.url, `CREATE ROLE app LOGIN PASSWORD 'x'; GRANT pg_read_all_data TO app`);
  const url = await made(
    `CREATE TABLE foreigners (a int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT lo_create(70001); ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app;
     CREATE TABLE mine (a int); ALTER TABLE mine OWNER TO app; REVOKE CREATE ON DATABASE plan_${databases + 1} FROM PUBLIC`,
  );
  const before = await contentRootOf(url);
  await run(
    source,
    'DROP TABLE c; REVOKE ALL ON SCHEMA public FROM somebody; DROP ROLE somebody; DROP ROLE owner_of_some',
  );
  const asApp = Object.assign(new URL(url), { username: 'app', password: 'x' }).href;
  const { plan } = await place.restore(asApp, { id, ...onlyPlan });
  expect(plan.problems).toEqual([
    '3 objects of the backup belong to postgres: GRANT that role to app',
    'there is no role owner_of_some, which owns 1 object of the backup: create it, and GRANT it to app',
    'there is no role somebody, which has privileges in the backup: create it',
    'only a superuser may create the extension file_fdw: have it created in the target first, in the schema public',
    'app may not drop what belongs to postgres: function public.f(), table public.foreigners',
    'app may not remove the large objects of postgres: 1 that the backup does not have',
    expect.stringMatching(
      /^the schema public has other privileges.* app may not change what belongs to pg_database_owner$/,
    ),
    'app may not change the default privileges that the target has for postgres',
    'app may not create schemas in the target',
    "app may not create anything in the target's schema public",
  ]);
  expect(describePlan(plan)).toContain('PROBLEM  app may not drop what belongs to postgres');
  expect(plan.objects).toContainEqual({ kind: 'tables', lost: 2, gained: 2, changed: 0 });
  expect(plan.objects).toContainEqual({ kind: 'views', lost: 0, gained: 1, changed: 0 });
  expect(plan.objects).toContainEqual({ kind: 'functions', lost: 1, gained: 0, changed: 0 });
  expect(describePlan(plan)).toMatch(/objects +tables: 2 lost, 2 gained$/m);
  await expect(place.restore(asApp, { id })).rejects.toThrow(
    /could not succeed: 3 objects .* no role owner_of_some/,
  );
  expect(await contentRootOf(url)).toBe(before);
});

test('mode tables: partitions as the backup had them', async () => {
  await using place = await openWorkplace();
  const url = await made(
    `CREATE TABLE "Ev ents" (at int, v int) PARTITION BY RANGE (at); CREATE TABLE e1 PARTITION OF "Ev ents" FOR VALUES FROM (0) TO (10);
     CREATE TABLE e2 PARTITION OF "Ev ents" FOR VALUES FROM (10) TO (20) PARTITION BY LIST (v); CREATE TABLE "e2.a" PARTITION OF e2 DEFAULT;
     INSERT INTO "Ev ents" VALUES (1, 1), (2, 2), (11, 1); CREATE TABLE other (a int)`,
  );
  const { id } = await place.backup(url);
  await run(
    url,
    `CREATE TABLE e3 PARTITION OF "Ev ents" FOR VALUES FROM (20) TO (30); UPDATE "Ev ents" SET v = 7; INSERT INTO "Ev ents" VALUES (25, 1); INSERT INTO other VALUES (1)`,
  );
  const tables = { id, mode: 'tables' as const, tables: ['Ev ents'] };
  const { plan } = await place.restore(url, { ...tables, ...onlyPlan });
  expect(plan.tables).toEqual([
    { name: 'public.e1', rowsNow: 2, rowsAfter: 2 },
    { name: 'public.e2.a', rowsNow: 1, rowsAfter: 1 },
    { name: 'public.e3', rowsNow: 1, rowsAfter: 0 },
  ]);
  await place.restore(url, tables);
  const rows = `SELECT json_agg(e ORDER BY at)::text AS rows, (SELECT count(*)::int FROM other) AS other FROM "Ev ents" e`;
  expect(await run(url, rows)).toEqual([
    { rows: '[{"at":1,"v":1}, \n {"at":2,"v":2}, \n {"at":11,"v":1}]', other: 1 },
  ]);
  // One is no partition of it any more, the other is gone.
  await run(url, `ALTER TABLE "Ev ents" DETACH PARTITION e1; DROP TABLE "e2.a"`);
  const before = await contentRootOf(url);
  await expect(place.restore(url, tables)).rejects.toThrow(
    /partitions of public.Ev ents that it has not in the target: public.e1 \(2 rows\), public.e2.a \(1 rows\)/,
  );
  expect(await contentRootOf(url)).toBe(before);
});

test('mode tables: a table that the target lacks, or has otherwise, is said before anything is backed up', async () => {
  await using place = await openWorkplace();
  const url = await made('CREATE TABLE gone (a int); CREATE TABLE other (a int); CREATE TABLE same (a int)');
  const { id } = await place.backup(url);
  await run(url, 'DROP TABLE gone; ALTER TABLE other ADD b int; INSERT INTO same VALUES (1)');
  const tables = { id, mode: 'tables' as const, tables: ['gone', 'other', 'same'] };
  const { plan } = await place.restore(url, { ...tables, ...onlyPlan });
  expect(plan.problems).toEqual([
    expect.stringMatching(/^the table public\.gone is not in the target: /),
    expect.stringMatching(/^the table public\.other has other columns in the target than in the backup: /),
  ]);
  expect(describePlan(plan)).toContain('PROBLEM  the table public.gone is not in the target');
  await expect(place.restore(url, tables)).rejects.toThrow(/could not succeed: the table public\.gone/);
  expect((await place.deps.ledger.read())!.filter(({ verb }) => verb === 'backup')).toHaveLength(1);
  expect(await run(url, 'SELECT count(*)::int AS n FROM same')).toEqual([{ n: 1 }]);
});

test('an empty target is not backed up, and nothing changes its rows', async () => {
  await using place = await openWorkplace();
  const url = await made('CREATE TABLE a (b int); INSERT INTO a VALUES (1)');
  const { id } = await place.backup(url);
  const into = async (target: string, mode: 'new' | 'replace') =>
    describePlan((await place.restore(target, { id, mode, ...onlyPlan })).plan);
  const empty = await into(await made('SELECT 1'), 'new');
  expect(empty).toContain('unknown: no restore test yet, plus a backup after\n');
  expect(empty).toMatch(/tables +1, of which 1 changes its number of rows:\n/);
  expect(await into(url, 'replace')).toMatch(
    /plus a backup before and after\n.*\n +tables +1, none of which changes its number of rows$/m,
  );
});
