import { afterAll, expect, test } from 'vitest';
import { majors, newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** Backup, verification and restore test of databases with everything that is easily lost. */

afterAll(stopServers);

const odd = `
  CREATE SCHEMA "Odd / Schéma";
  CREATE TABLE "Odd / Schéma"."Tab ""le"" 📦
with a line feed" ("id" int GENERATED ALWAYS AS IDENTITY, "Ünï cödé" text, "select" text, "a/b\\c" text);
  INSERT INTO "Odd / Schéma"."Tab ""le"" 📦
with a line feed" ("Ünï cödé", "select", "a/b\\c") VALUES
    (NULL, '', E'\\\\.'), (E'tab\\there', E'line\\nfeed\\r\\n', E'back\\\\slash \\\\N'), ('🐘', E'\\b\\f\\v', $$\\x41$$);
  CREATE TABLE no_columns ();
  INSERT INTO no_columns DEFAULT VALUES;
  INSERT INTO no_columns DEFAULT VALUES;
  CREATE TABLE empty (a int, b text);
  CREATE TABLE generated (a int, twice int GENERATED ALWAYS AS (a * 2) STORED, b text);
  INSERT INTO generated (a, b) SELECT i, 'b' || i FROM generate_series(1, 1000) i;
  CREATE TABLE only_generated (c int GENERATED ALWAYS AS (42) STORED);
  INSERT INTO only_generated DEFAULT VALUES;
  CREATE TABLE dropped (a int, gone text, b text DEFAULT 'x');
  INSERT INTO dropped SELECT i, 'gone' FROM generate_series(1, 10) i;
  ALTER TABLE dropped DROP COLUMN gone;
  CREATE TABLE parent (id int PRIMARY KEY, kind text);
  CREATE TABLE child (extra text) INHERITS (parent);
  INSERT INTO parent VALUES (1, 'p'), (2, 'p');
  INSERT INTO child VALUES (3, 'c', 'only in the child');
  CREATE TABLE log (at timestamptz NOT NULL, note text) PARTITION BY RANGE (at);
  CREATE TABLE log_old PARTITION OF log FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
  CREATE TABLE log_new PARTITION OF log FOR VALUES FROM ('2026-01-01') TO (MAXVALUE) PARTITION BY HASH (note);
  CREATE TABLE log_new_0 PARTITION OF log_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE log_new_1 PARTITION OF log_new FOR VALUES WITH (MODULUS 2, REMAINDER 1);
  INSERT INTO log SELECT timestamptz '2025-12-01' + i * interval '1 day', 'n' || i FROM generate_series(0, 99) i;
  CREATE TABLE kinds (b bytea, n numeric, f float8, t timestamptz, d date, iv interval, j json, jb jsonb, ia int[], ta text[], u uuid,
    r int4range, ip inet, bits bit varying, m money, x xml, p point, ts tsvector);
  INSERT INTO kinds VALUES
    ('\\x00ff0a0d5c', 'NaN', '-0', 'infinity', '4713-01-01 BC', '-1 mon +3 days -00:00:00.000001', '{"a":  1}', '{"a":  1}',
     '{{1,2},{NULL,4}}', ARRAY['', NULL, 'NULL', 'a"b', E'\\\\'], '00000000-0000-0000-0000-000000000000', '[1,)', '::1/64', B'0101', 12.34,
     '<a>&amp;</a>', '(1.5,-0)', 'a:1 b:2A'),
    (NULL, 123456789012345678901234567890.000000001, 'NaN', '-infinity', 'infinity', '0', 'null', 'null', '{}', '{}', NULL, 'empty', '10.0.0.1', B'', -0.01, NULL, NULL, '');
  CREATE SEQUENCE counter START 100 INCREMENT -5 MINVALUE -1000 MAXVALUE 100;
  SELECT nextval('counter'), nextval('counter');
  CREATE SEQUENCE untouched;
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
  CREATE DOMAIN positive AS int CHECK (VALUE > 0);
  CREATE TABLE people (id serial PRIMARY KEY, mood mood, age positive, boss int REFERENCES people DEFERRABLE);
  INSERT INTO people (mood, age, boss) VALUES ('happy', 50, 1), ('sad', 30, 1);
  CREATE VIEW adults AS SELECT * FROM people WHERE age >= 18;
  CREATE MATERIALIZED VIEW moods AS SELECT mood, count(*) FROM people GROUP BY mood;
  CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN /*
\\restrict looks like a psql command
\\unrestrict as well */
    RAISE EXCEPTION 'rows of a restore must not fire triggers'; END $f$;
  CREATE TRIGGER guard BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION keep();
  COMMENT ON TABLE people IS E'a comment\\nover two lines';
  DO $r$ BEGIN CREATE ROLE "Odd 'role'" NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $r$;
  ALTER TABLE people OWNER TO "Odd 'role'";
  GRANT SELECT ON adults TO "Odd 'role'";
  SELECT lo_from_bytea(4200000001, '\\x00ff'), lo_create(4200000002), lo_create(4200000003);
  SELECT lo_put(4200000003, 5000000, decode(repeat('abcdef0123', 700000), 'hex'));
  COMMENT ON LARGE OBJECT 4200000001 IS 'a "large" object''s comment';
  ALTER LARGE OBJECT 4200000002 OWNER TO "Odd 'role'";
  GRANT SELECT ON LARGE OBJECT 4200000001 TO PUBLIC;
  DO $d$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path TO "$user", "Odd / Schéma", public', current_database());
    EXECUTE format('ALTER DATABASE %I SET application_name TO %L', current_database(), 'it''s 100%% \\ odd');
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET work_mem TO %L', 'Odd ''role''', current_database(), '8MB');
    EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'the database''s own');
    EXECUTE format('REVOKE CONNECT ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO %I WITH GRANT OPTION', current_database(), 'Odd ''role''');
  END $d$;
`;

test.each(majors)('everything comes back on PostgreSQL %i', async (major) => {
  await using place = await openWorkplace();
  const url = await newDatabase(major);
  await run(url, odd);
  const taken = await place.backup(url);
  expect(taken.receipt.tables).toBe(13);
  expect((await place.verify()).checked).toEqual([
    { id: taken.id, store: 'disk', rung: 'readable', problem: null },
  ]);
  const { comparison } = await place.restoreTest();
  expect(comparison.differentTables).toEqual([]);
  expect(comparison.differentSequences).toEqual([]);
  expect(comparison.differentLargeObjects).toEqual([]);
  expect(comparison.schema.verdict).toBe('equal');
  expect(comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
  const rows = await run(url, 'SELECT count(*)::int AS n FROM kinds');
  expect(rows).toEqual([{ n: 2 }]);
});

test('a database in another encoding comes back', async () => {
  await using place = await openWorkplace();
  const url = await newDatabase(18, `TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
  await run(url, `CREATE TABLE "Größe" (a text); INSERT INTO "Größe" VALUES ('Ärger'), ('ÿ')`);
  const taken = await place.backup(url);
  expect((await place.restoreTest()).comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
});

test('an empty database is a backup of nothing, and says so', async () => {
  await using place = await openWorkplace();
  const taken = await place.backup(await newDatabase(18));
  expect(taken.receipt).toMatchObject({ tables: 0, rows: 0 });
  expect((await place.restoreTest()).comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
});

test('the same rows in another physical order have the same content root', async () => {
  await using place = await openWorkplace();
  const make = (order: string) =>
    `CREATE TABLE t (id int, v text); INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5000) i ORDER BY i ${order}`;
  const [one, other] = [await newDatabase(18), await newDatabase(18)];
  await run(one, make('ASC'));
  await run(other, make('DESC'));
  const roots = [
    (await place.backup(one)).receipt.contentRoot,
    (await place.backup(other)).receipt.contentRoot,
  ];
  expect(roots[0]).toBe(roots[1]);
  await run(other, `UPDATE t SET v = 'V7' WHERE id = 7`);
  expect((await place.backup(other)).receipt.contentRoot).not.toBe(roots[0]);
});

test('a row of 200 MB goes through', async () => {
  await using place = await openWorkplace();
  const url = await newDatabase(18);
  // Half random, so that neither TOAST nor zstd makes it small.
  await run(
    url,
    `CREATE TABLE blobs (id int, body bytea);
    INSERT INTO blobs SELECT 1, string_agg(sha256(i::text::bytea) || '\\x0a5c'::bytea, '' ORDER BY i) FROM generate_series(1, 6200000) i;
    INSERT INTO blobs VALUES (2, 'small')`,
  );
  const taken = await place.backup(url);
  expect(taken.receipt.rawBytes).toBeGreaterThan(420_000_000);
  const tested = await place.restoreTest();
  expect(tested.comparison.contentRoot.actual).toBe(taken.receipt.contentRoot);
});
