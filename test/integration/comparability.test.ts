import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../../src/archive/manifest.ts';
import { readDump } from '../../src/archive/read-dump.ts';
import type { IntegrityError } from '../../src/lib/errors.ts';
import { restoreTest } from '../../src/restore-test.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/scratch/embedded.ts';
import { findCopies } from '../../src/store/find.ts';
import { openArchive } from '../../src/store/open-archive.ts';
import { failureOf } from '../support/pieces.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** Sound backups that a restore test once refuted, and what it must say where it can't tell. */

afterAll(stopServers);

/** Backs up, tests, and expects the same content root. */
async function proved(url: string) {
  await using place = await openWorkplace();
  const warnings: string[] = [];
  const progress = { ...place.deps.progress, warn: (text: string) => warnings.push(text) };
  Object.assign(place.deps, { progress });
  const { receipt } = await place.backup(url);
  const { comparison } = await place.restoreTest();
  expect(comparison.contentRoot).toEqual({ expected: receipt.contentRoot, actual: receipt.contentRoot });
  return { comparison, receipt, warnings };
}

const onDatabase = (clause: string) =>
  `DO $d$ BEGIN EXECUTE format('ALTER DATABASE %I ${clause}', current_database()); END $d$;`;

/** Partitions of a hash on an enum: its hashes are of OIDs, and these are others in each database. */
const enumHash = `
  CREATE TYPE gone AS ENUM ('x', 'y', 'z');
  DROP TYPE gone;
  CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd', 'e', 'f', 'g');
  CREATE TABLE moods (id int, mood mood, twice int GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY HASH (mood);
  CREATE TABLE moods_0 PARTITION OF moods FOR VALUES WITH (MODULUS 3, REMAINDER 0);
  CREATE TABLE moods_1 PARTITION OF moods FOR VALUES WITH (MODULUS 3, REMAINDER 1);
  CREATE TABLE moods_2 (twice int GENERATED ALWAYS AS (id * 2) STORED, mood mood, id int);
  ALTER TABLE moods ATTACH PARTITION moods_2 FOR VALUES WITH (MODULUS 3, REMAINDER 2);
  INSERT INTO moods SELECT i, (enum_range(NULL::mood))[1 + i % 7] FROM generate_series(1, 1000) i;`;

/** A guard against DDL; the view is filled after the guard is there, as pg_dump writes it. */
const guarded = `
  CREATE TABLE facts (a int);
  INSERT INTO facts VALUES (1);
  CREATE MATERIALIZED VIEW sums AS SELECT sum(a) FROM facts;
  CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'no DDL here'; END $f$;
  CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION refuse();`;

describe.each([15, 18])('PostgreSQL %i', (major) => {
  test('what used to be in the way of a restore test is not', async () => {
    const url = await newDatabase(major);
    await makeTablespaces(url, ['plain', 'Fast "disk"']);
    await run(
      url,
      `${enumHash}
       CREATE TABLE parent (a int);
       CREATE TABLE child (own text) INHERITS (parent);
       ALTER TABLE parent ADD COLUMN later text;
       INSERT INTO child VALUES (1, 'own', 'later'), (2, 'o', 'l');
       CREATE TABLE kinds (kind varchar(9) CHECK (kind IN ('a', 'b')));
       CREATE TABLE placed (a int PRIMARY KEY USING INDEX TABLESPACE "Fast ""disk""") TABLESPACE plain;
       CREATE FUNCTION words() RETURNS text LANGUAGE sql AS $f$ SELECT '
SET default_tablespace = plain;
' $f$;
       COMMENT ON EXTENSION plpgsql IS NULL;
       ${guarded}
       ${onDatabase('SET default_transaction_read_only = on')}`,
    );
    const { comparison, warnings } = await proved(url);
    expect(comparison.redistributed).toEqual(['public.moods']);
    expect(warnings.join()).toMatch(/public\.moods lie in other hash partitions/);
    const { verdict, differences } = comparison.schema;
    expect(verdict).toBe('explained');
    expect(differences.map(({ key, explanation }) => `${key}: ${explanation}`)).toEqual([
      expect.stringMatching(/later of public\.child.*: a dump writes the columns of an inheritance child/),
      expect.stringMatching(/own of public\.child.*: a dump writes/),
      'pg_class|public.placed: this server has no tablespace plain',
      'pg_class|public.placed_pkey: this server has no tablespace "Fast ""disk"""',
      expect.stringMatching(/kinds_kind_check of public\.kinds: the same definition/),
    ]);
  });

  test('public and plpgsql that were dropped do not come back', async () => {
    const url = await newDatabase(major);
    await run(
      url,
      'DROP SCHEMA public; DROP EXTENSION plpgsql; CREATE SCHEMA app; CREATE TABLE app.t (a int); INSERT INTO app.t VALUES (1)',
    );
    expect((await proved(url)).comparison.schema.verdict).toBe('equal');
  });

  test('an ICU locale of the database decides which partition a row belongs to', async () => {
    const url = await newDatabase(major, `TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'`);
    await run(url, textPartitions);
    expect((await proved(url)).comparison.schema.verdict).toBe('equal');
  });
});

/** CREATE TABLESPACE can't share a query with the parameter that lets it do without a folder. */
async function makeTablespaces(url: string, names: string[]) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('SET allow_in_place_tablespaces = on');
  for (const name of names) await client.query(`CREATE TABLESPACE ${pg.escapeIdentifier(name)} LOCATION ''`);
  await client.end();
}

/** By ICU `B` is between `a` and `m`, by its bytes it is before. */
const textPartitions = `
  CREATE TABLE words (word text) PARTITION BY RANGE (word);
  CREATE TABLE words_a PARTITION OF words FOR VALUES FROM (MINVALUE) TO ('a');
  CREATE TABLE words_z PARTITION OF words FOR VALUES FROM ('a') TO (MAXVALUE);
  INSERT INTO words VALUES ('B'), ('c'), ('1');`;

test.each([
  ['made anew', 'DROP SCHEMA public; CREATE SCHEMA public'],
  [
    'that came through pg_upgrade from before 15',
    `ALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC; SET allow_system_table_mods = on;
     UPDATE pg_init_privs SET initprivs = '{postgres=UC/postgres,=UC/postgres}' WHERE objoid = 'public'::regnamespace`,
  ],
])('a schema public %s', async (_, sql) => {
  const url = await newDatabase(18);
  await run(url, `${sql}; CREATE TABLE public.t (a int)`);
  expect((await proved(url)).comparison.schema.verdict).toBe('equal');
});

test('a login trigger neither locks the test out nor writes into what it compares', async () => {
  const url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE logins (who text);
     CREATE FUNCTION login() RETURNS event_trigger LANGUAGE plpgsql AS $f$ BEGIN
       INSERT INTO public.logins VALUES (session_user);
       IF current_database() LIKE 'holdfast%' THEN RAISE 'not into a copy'; END IF;
     END $f$;
     CREATE EVENT TRIGGER login ON login EXECUTE FUNCTION login();
     ALTER EVENT TRIGGER login ENABLE ALWAYS`,
  );
  expect((await proved(url)).comparison.schema.verdict).toBe('equal');
});

describe('stored generated columns', () => {
  /** Declared immutable, and not. */
  const label = `CREATE FUNCTION label(id int) RETURNS text LANGUAGE sql IMMUTABLE AS $f$ SELECT coalesce(current_setting('crm.prefix', true), '') || id % 2 $f$;
    CREATE TABLE t (id int, label text GENERATED ALWAYS AS (public.label(id)) STORED);`;

  test.each([
    ['other values', `SET crm.prefix = 'no. '; INSERT INTO t SELECT generate_series(1, 10)`],
    [
      'the same values in other rows',
      `INSERT INTO t SELECT generate_series(1, 10); CREATE OR REPLACE FUNCTION label(id int) RETURNS text LANGUAGE sql IMMUTABLE AS $f$ SELECT '' || (id + 1) % 2 $f$`,
    ],
  ])('%s are seen', async (_, sql) => {
    await using place = await openWorkplace();
    const url = await newDatabase(18);
    await run(url, `${label} ${sql}`);
    await place.backup(url);
    const failure = await failureOf(place.restoreTest());
    expect(failure).toMatchObject({
      name: 'IntegrityError',
      message: expect.stringContaining('stored generated columns of public.t'),
      hint: expect.stringContaining('SET column = DEFAULT'),
    });
  });
});

describe('scratch that orders text in another way', () => {
  let strict: EmbeddedPostgres;
  beforeAll(async () => {
    strict = await startEmbeddedPostgres({ major: 18, settings: { icu_validation_level: 'error' } });
  });
  afterAll(() => strict.stop());

  /** A locale that the one server takes for the root's with a warning, and the other does not have. */
  const source = () => newDatabase(18, `TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'qq'`);
  const testThere = (place: Workplace) =>
    restoreTest(place.deps, {
      ...{ database: 'crm', id: 'latest', identities: [place.identity] },
      scratch: { kind: 'url', url: strict.url },
    });

  test.each([
    ['text partitions', textPartitions, /bounded by text/],
    [
      'a check on text',
      `CREATE TABLE t (a text CHECK (a > 'a')); INSERT INTO t VALUES ('B')`,
      /may depend on it \(new row for relation "t" violates/,
    ],
    [
      'a generated column of text',
      `CREATE TABLE t (a text, b bool GENERATED ALWAYS AS (a > 'a') STORED); INSERT INTO t VALUES ('B')`,
      /generated columns of public\.t/,
    ],
  ])('gives no verdict on %s', async (_, sql, reason) => {
    await using place = await openWorkplace();
    const url = await source();
    await run(url, sql);
    await place.backup(url);
    const failure = await failureOf(testThere(place));
    expect(failure).toMatchObject({ name: 'ConfigError', hint: expect.stringContaining('--scratch') });
    expect(failure.message).toMatch(/not comparable: it orders text by libc C\.UTF-8.*source by icu qq/);
    expect(failure.message).toMatch(reason);
    const records = await place.deps.ledger.read();
    expect(records?.at(-1)).toMatchObject({ verb: 'restore-test', errorKind: 'ConfigError' });
  });

  test('tests what does not depend on it', async () => {
    await using place = await openWorkplace();
    const url = await source();
    await run(url, `CREATE TABLE t (a text UNIQUE); INSERT INTO t VALUES ('a'), ('B')`);
    const { receipt } = await place.backup(url);
    expect((await testThere(place)).comparison.contentRoot.actual).toBe(receipt.contentRoot);
  });
});

test('subscriptions that pg_dump leaves out are named, and no test misses them', async () => {
  await run((await server(18)).url, `CREATE ROLE reader LOGIN PASSWORD 'reader' IN ROLE pg_read_all_data`);
  const url = new URL(await newDatabase(18));
  await run(
    url.href,
    `CREATE TABLE t (a int);
     CREATE SUBSCRIPTION "Daily feed" CONNECTION 'host=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
     COMMENT ON SUBSCRIPTION "Daily feed" IS 'from the shop'`,
  );
  expect((await proved(url.href)).receipt.notCarried).toBe(0);
  [url.username, url.password] = ['reader', 'reader'];
  const { comparison, receipt, warnings } = await proved(url.href);
  expect(receipt.notCarried).toBe(1);
  expect(warnings[0]).toMatch(/^The subscription Daily feed is left out/);
  expect(warnings.join()).not.toMatch(/pg_dump says/);
  expect(comparison.schema.differences.map(({ key }) => key)).toEqual([
    'pg_description|pg_subscription "Daily feed" of this database',
    'pg_subscription|"Daily feed" of this database',
  ]);
});

test('values of an extension’s configuration sequences come back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-extension-'));
  await mkdir(join(folder, 'extension'));
  const file = (name: string, text: string) => writeFile(join(folder, 'extension', name), text);
  await file('tickets.control', `default_version = '1'\n`);
  await file(
    'tickets--1.sql',
    `CREATE SEQUENCE numbers; CREATE SEQUENCE own; CREATE TABLE kept (id int DEFAULT nextval('numbers'));
     SELECT pg_extension_config_dump('numbers', ''); SELECT pg_extension_config_dump('kept', '');`,
  );
  for (const path of [folder, join(folder, 'extension')]) await chmod(path, 0o755);
  // This parameter came with 18; scratch is a database beside the source, on the server that has the extension.
  const settings = { extension_control_path: `${folder}:$system` };
  await using host = await startEmbeddedPostgres({ major: 18, settings });
  await using place = await openWorkplace();
  for (const name of ['crm', 'beside']) await run(host.url, `CREATE DATABASE ${name}`);
  await run(
    host.urlOf('crm'),
    `CREATE EXTENSION tickets; SELECT nextval('own');
     INSERT INTO kept SELECT nextval('numbers') FROM generate_series(1, 7)`,
  );
  const { receipt } = await place.backup(host.urlOf('crm'));
  const { comparison } = await restoreTest(place.deps, {
    ...{ database: 'crm', id: 'latest', identities: [place.identity] },
    scratch: { kind: 'url', url: host.urlOf('beside') },
  });
  expect(comparison.contentRoot.actual).toBe(receipt.contentRoot);
  const { sequences } = await manifestOf(place);
  expect(sequences).toEqual([{ schema: 'public', name: 'numbers', lastValue: '7', isCalled: true }]);
  await rm(folder, { recursive: true });
});

describe('where pg_restore would fail as well', () => {
  const unqualified = `
    CREATE FUNCTION inner_rank(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN $1; END $f$;
    CREATE FUNCTION rank_of(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $f$ BEGIN RETURN inner_rank($1); END $f$;`;

  test.each([
    {
      major: 15,
      what: 'an index',
      sql: `${unqualified} CREATE TABLE t (a int); INSERT INTO t VALUES (1); CREATE INDEX by_rank ON t (rank_of(a))`,
      message: /inside function public\.rank_of\(integer\), which index by_rank uses/,
      hint: /ALTER FUNCTION public\.rank_of\(integer\) SET search_path/,
    },
    {
      major: 18,
      what: 'a check',
      sql: `${unqualified} CREATE TABLE t (a int CHECK (rank_of(a) > 0)); INSERT INTO t VALUES (1)`,
      message: /rows of public\.t: .* inside function public\.rank_of/,
      hint: /pg_restore would fail here too/,
    },
    {
      major: 18,
      what: 'a check that looks at other rows',
      sql: `CREATE TABLE z (a int);
        CREATE FUNCTION has(int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.z WHERE a = $1)';
        INSERT INTO z VALUES (1);
        CREATE TABLE t (a int CONSTRAINT known CHECK (has(a)));
        INSERT INTO t VALUES (1)`,
      message: /violates check constraint "known"/,
      hint: /make known a trigger or NOT VALID/,
    },
  ])('$what says what to change', async ({ major, sql, message, hint }) => {
    await using place = await openWorkplace();
    const url = await newDatabase(major);
    await run(url, sql);
    await place.backup(url);
    const failure = (await failureOf(place.restoreTest())) as IntegrityError;
    expect(failure.name).toBe('IntegrityError');
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(hint);
  });
});

/** The manifest of the newest backup. */
async function manifestOf(place: Workplace): Promise<Manifest> {
  const [copy] = await findCopies(place.deps.stores, 'crm', 'latest');
  const bytes = await openArchive(copy!, place.deps.signal);
  for await (const part of readDump(bytes, { receipt: copy!.receipt, identities: [place.identity] }))
    if (part.kind === 'manifest') return part.manifest;
  throw new Error('an archive without a manifest');
}
