import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, realpath, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { generateX25519Identity } from 'age-encryption';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fillCrm } from '../../src/demo/crm.ts';
import type { FolderIndex } from '../../src/export/folder-index.ts';
import { type ExportOptions, exportBackup } from '../../src/export.ts';
import { ConfigError, IntegrityError, SourceError, StoreError } from '../../src/lib/errors.ts';
import { qualifiedName, quoteIdentifier } from '../../src/lib/sql.ts';
import { config, openCliFolder } from '../support/cli.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** A backup of the demo CRM, and of odder tables, read out again and compared with what the server says of its rows. */

const oddTables = `
  CREATE SCHEMA "we.ird";
  CREATE TABLE "we.ird"."Tab ""le"" / 📦" ("a,b" text, "Ünï" text);
  INSERT INTO "we.ird"."Tab ""le"" / 📦" VALUES (E'\\\\.', NULL), ('', 'x'), ('🐘', E'"quoted",\\r\\n\\ttab \\\\N');
  CREATE TABLE public.tag (text text);
  INSERT INTO public.tag VALUES (NULL), (''), (E'\\\\.'), (E'\\\\N'), (E'\\n');
  CREATE TABLE public.no_columns ();
  INSERT INTO public.no_columns DEFAULT VALUES;
  INSERT INTO public.no_columns DEFAULT VALUES;
  CREATE TYPE "user" AS ENUM ('a', 'b c');
  CREATE DOMAIN percent AS numeric(5,2) CHECK (VALUE <= 100);
  CREATE DOMAIN percents AS percent[];
  CREATE TABLE kinds (i smallint, big bigint, n numeric, f4 real, b boolean, p percent, ps percents, u "user", us "user"[],
    j json, jb jsonb[], x xml, at timestamp, t time, iv interval, r int4range, ip inet, raw bytea, bits bit(3), o oid, dates date[]);
  INSERT INTO kinds VALUES
    (-1, 9007199254740993, 123456789.123456789, 0.1, true, 12.50, '{1.5,NULL}', 'b c', '{a,"b c"}', '{"k":  [1,{}]}',
     ARRAY['{"q": "\\"\\\\"}', 'null', NULL]::jsonb[], '<a>&amp;</a>', '2026-01-02 03:04:05.6', '23:59:59', '-1 mon 2 days',
     '[1,)', '::1', '\\x00ff5c', B'010', 4294967295, '{2026-01-01,infinity}'),
    (2, -5, 0.10, 1e20, false, NULL, '{}', 'a', '{}', '"text"', '{}', NULL, NULL, NULL, NULL, 'empty', NULL, '', NULL, 0, NULL);
  CREATE TABLE parted (a int, b text) PARTITION BY LIST (a);
`;

/** Texts of values as the archive has them. */
const canonical = `SET TimeZone = 'UTC'; SET IntervalStyle = 'postgres'; SET bytea_output = 'hex'; SET extra_float_digits = 3`;

let url: string;
let crm: pg.Client;
let place: Workplace;
let id: string;
let outputs = 0;
beforeAll(async () => {
  url = await newDatabase(18);
  crm = new pg.Client({ connectionString: url });
  await crm.connect();
  await fillCrm(crm, { seed: 1, enquiries: 200, now: new Date('2026-11-22T02:00:00Z') });
  await crm.query(oddTables);
  await crm.query(canonical);
  place = await openWorkplace();
  id = (await place.backup(url)).id;
});
afterAll(async () => {
  await crm?.end();
  await place?.[Symbol.asyncDispose]();
  await stopServers();
});

/** A name in a folder of its own, so that whatever is left beside it shows. */
async function newOutput(name: string): Promise<{ out: string; beside: () => Promise<string[]> }> {
  const folder = join(place.folder, `out${++outputs}`);
  await mkdir(folder);
  return { out: join(folder, name), beside: () => readdir(folder) };
}

function exported(out: string, options: Partial<ExportOptions> = {}, of = place) {
  return exportBackup(of.deps, {
    database: 'crm',
    id: 'latest',
    identities: [of.identity],
    out,
    all: false,
    format: null,
    force: false,
    ...options,
  });
}

const columnsOf = (columns: readonly string[]) => columns.map(quoteIdentifier).join(', ');
const parsed = async (path: string) => JSON.parse(await readFile(path, 'utf8'));

describe('a folder', () => {
  test.each(['csv', 'copy'] as const)('of %s files loads back to the same rows', async (format) => {
    const { out, beside } = await newOutput('tables');
    const result = await exported(out, { format });
    expect(await beside()).toEqual(['tables']);
    const index: FolderIndex = await parsed(join(out, 'index.json'));
    expect(index).toMatchObject({ id, database: 'crm', format });
    expect((await readdir(out)).sort()).toEqual(
      ['index.json', ...index.tables.map(({ file }) => file)].sort(),
    );
    for (const file of await readdir(out))
      expect((await stat(join(out, file))).mode & 0o777, file).toBe(0o600);
    expect(index.notCarried).toMatchObject([{ name: 'public.backups' }]);

    const total = index.tables.reduce((sum, { rows }) => sum + rows, 0);
    expect(result).toEqual({ id, out, tables: index.tables.length, rows: total });
    expect(index.tables.length).toBeGreaterThan(30);
    for (const { file, schema, table, columns, rows } of index.tables) {
      const name = qualifiedName({ schema, name: table });
      const list = columns.length > 0 ? ` (${columnsOf(columns)})` : '';
      const written = await readFile(join(out, file));
      const copy = `COPY ${name}${list} TO STDOUT${format === 'csv' ? ' (FORMAT csv, HEADER)' : ''}`;
      expect(written.equals(await buffer(crm.query(copyTo(copy)))), name).toBe(true);
      await crm.query('BEGIN');
      await crm.query(`CREATE TABLE pg_temp.loaded (LIKE ${name})`);
      const load = `COPY pg_temp.loaded${list} FROM STDIN${format === 'csv' ? ' (FORMAT csv, HEADER)' : ''}`;
      await pipeline(createReadStream(join(out, file)), crm.query(copyFrom(load)));
      const content = (of: string) =>
        `SELECT count(*)::int AS rows, md5(string_agg(row, '|' ORDER BY row)) AS digest
         FROM (SELECT whole_row::text AS row FROM (SELECT ${columnsOf(columns)} FROM ONLY ${of}) whole_row) all_rows`;
      const [expected, loaded] = [await crm.query(content(name)), await crm.query(content('pg_temp.loaded'))];
      await crm.query('ROLLBACK');
      expect(loaded.rows, name).toEqual(expected.rows);
      expect(rows, name).toBe(expected.rows[0].rows);
    }
  });

  test('names files so that no table is outside or over another', async () => {
    const { out } = await newOutput('tables/');
    await exported(out);
    const index: FolderIndex = await parsed(join(out, 'index.json'));
    const fileOf = (name: string) => index.tables.find(({ table }) => table === name)?.file;
    expect(fileOf('enquiries')).toBe('public.enquiries.csv');
    expect([fileOf('Tag'), fileOf('tag')]).toContain('public.Tag.csv');
    expect(fileOf('Tag')!.toLowerCase()).not.toBe(fileOf('tag')!.toLowerCase());
    expect(fileOf('Tab "le" / 📦')).toMatch(/^we\.ird\.Tab__le______?~\d+\.csv$/);
  });
});

/** What the server makes JSON of; numbers that a double would change as text, like the export's. */
async function serverRows(select: string): Promise<unknown[]> {
  const { rows } = await crm.query<{ json: string }>(
    `SELECT row_to_json(whole_row)::text AS json FROM (${select}) whole_row`,
  );
  return rows.map(({ json }) =>
    JSON.parse(json, ((_key: string, value: unknown, context: { source?: string }) => {
      const isChanged = typeof value === 'number' && context.source!.replace(/\D/g, '').length > 15;
      return isChanged ? context.source : value;
    }) as (key: string, value: unknown) => unknown),
  );
}

const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

describe('a JSON file', () => {
  test("is the mission's: enquiries, staff, timestamp, version, trigger", async () => {
    const { out, beside } = await newOutput('crm.json');
    const result = await exported(out);
    expect(await beside()).toEqual(['crm.json']);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const document = await parsed(out);
    expect(Object.keys(document)).toEqual(['enquiries', 'staff', 'timestamp', 'version', 'trigger']);
    expect(document).toMatchObject({ version: '1.0', trigger: 'test' });
    expect(`crm-${document.timestamp.slice(0, 19).replaceAll(/[-:]/g, '')}Z`).toBe(id.slice(0, -5));
    expect(result).toEqual({ id, out, tables: 2, rows: 200 + document.staff.length });
    const { budget_gross: _, ...names } = document.enquiries[0];
    expect(sorted(document.staff)).toEqual(sorted(await serverRows('SELECT * FROM staff')));
    // An array with bounds of its own has no equal in JSON.
    const isOrdinary = ({ ratings }: { ratings: unknown }) => typeof ratings !== 'string';
    const where = 'array_lower(ratings, 1) IS DISTINCT FROM 0';
    const expected = await serverRows(
      `SELECT ${columnsOf(Object.keys(names))} FROM enquiries WHERE ${where}`,
    );
    expect(sorted(document.enquiries.filter(isOrdinary))).toEqual(sorted(expected));
    expect(document.enquiries.find((row: { ratings: unknown }) => !isOrdinary(row)).ratings).toMatch(
      /^\[0:\d\]=\{/,
    );
    expect(document.enquiries.length).toBeLessThan(2 * expected.length);
  });

  test('of all tables equals row_to_json, value by value', async () => {
    const { out } = await newOutput('all.json');
    await exported(out, { all: true });
    const document = await parsed(out);
    expect(Object.keys(document)).toEqual(['tables', 'timestamp', 'version', 'trigger']);
    const { tables } = document;
    expect(Object.keys(tables)).toEqual(
      expect.arrayContaining([
        'billing.invoices',
        'public.Company',
        'public.activity_log',
        '"we.ird"."Tab ""le"" / 📦"',
      ]),
    );
    expect(Object.keys(tables).filter((name) => name.includes('activity_log_'))).toEqual([]);
    expect(tables['public.parted']).toEqual([]);
    expect(tables['public.no_columns']).toEqual([{}, {}]);
    const compared = {
      'public.activity_log': 'activity_log',
      'public.Company': '"Company"',
      'public.settings': 'settings',
      'public.tag': 'tag',
      'public.kinds': 'kinds',
      'billing.invoices': 'billing.invoices',
      'billing.hourly_rates': 'billing.hourly_rates',
      '"we.ird"."Tab ""le"" / 📦"': '"we.ird"."Tab ""le"" / 📦"',
    };
    for (const [name, table] of Object.entries(compared)) {
      const expected = await serverRows(`SELECT * FROM ${table}`);
      // jsonb holds numbers that no double can: embedded as they are, and so changed by this parser alone.
      if (name === 'public.settings') expect(tables[name]).toHaveLength(expected.length);
      else expect(sorted(tables[name]), name).toEqual(sorted(expected));
    }
    const exactly = '"value":12345678901234567890.123456789012345678901234567890';
    expect(await readFile(out, 'utf8')).toContain(exactly);
    const numbers = tables['public.kinds'].map((row: { big: unknown; n: unknown }) => [row.big, row.n]);
    expect(numbers).toEqual([
      ['9007199254740993', '123456789.123456789'],
      [-5, 0.1],
    ]);
  });

  test.each([15, 17])('knows the types of PostgreSQL %i by its names for them', async (major) => {
    await using other = await openWorkplace();
    const database = await newDatabase(major);
    await run(
      database,
      `CREATE TABLE staff AS SELECT 1::int2 AS a, 1::int4 AS b, 1::int8 AS c, 1.5::numeric AS d, 1.5::float4 AS e, 1.5::float8 AS f,
         true AS g, '[1]'::json AS h, '[1]'::jsonb AS i, '2026-01-01 00:00'::timestamp AS j, '2026-01-01 00:00Z'::timestamptz AS k,
         ARRAY['x'] AS l, '{1,2}'::int[] AS m;
       CREATE TABLE enquiries ()`,
    );
    await other.backup(database);
    const { out } = await newOutput('crm.json');
    await exported(out, {}, other);
    expect((await parsed(out)).staff).toEqual([
      {
        ...{ a: 1, b: 1, c: 1, d: 1.5, e: 1.5, f: 1.5, g: true, h: [1], i: [1], l: ['x'], m: [1, 2] },
        ...{ j: '2026-01-01T00:00:00', k: '2026-01-01T00:00:00+00:00' },
      },
    ]);
  });

  test('has the rows of partitions and of tables that inherit', async () => {
    await using other = await openWorkplace();
    const database = await newDatabase(18);
    await run(
      database,
      `CREATE TABLE enquiries (id int, at date) PARTITION BY RANGE (at);
       CREATE TABLE enquiries_old PARTITION OF enquiries FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
       CREATE TABLE enquiries_new PARTITION OF enquiries FOR VALUES FROM ('2026-01-01') TO (MAXVALUE) PARTITION BY HASH (id);
       CREATE TABLE enquiries_new_0 PARTITION OF enquiries_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
       CREATE TABLE enquiries_new_1 PARTITION OF enquiries_new FOR VALUES WITH (MODULUS 2, REMAINDER 1);
       INSERT INTO enquiries SELECT i, date '2025-12-01' + i FROM generate_series(1, 60) i;
       CREATE TABLE staff (name text); CREATE TABLE temps (agency text) INHERITS (staff);
       INSERT INTO staff VALUES ('Ada'); INSERT INTO temps VALUES ('Bob', 'Temps & Co')`,
    );
    await other.backup(database, { excludeRows: ['public.enquiries_old'] });
    const warnings: string[] = [];
    other.deps.progress = { ...other.deps.progress, warn: (text) => warnings.push(text) };
    const { out } = await newOutput('crm.json');
    await exported(out, {}, other);
    const document = await parsed(out);
    const ids = document.enquiries.map((row: { id: number }) => row.id).sort((a: number, b: number) => a - b);
    expect(ids).toEqual(Array.from({ length: 30 }, (_, i) => i + 31));
    expect(document.staff).toEqual([{ name: 'Ada' }, { name: 'Bob', agency: 'Temps & Co' }]);
    expect(warnings).toEqual([
      expect.stringMatching(/^public\.enquiries_old is not in this backup.*exclude-rows/),
    ]);
    await exported(out, { all: true, force: true }, other);
    expect(Object.keys((await parsed(out)).tables)).toEqual([
      'public.enquiries',
      'public.staff',
      'public.temps',
    ]);
  });

  test('without such tables says which, and what else there is', async () => {
    await using other = await openWorkplace();
    const database = await newDatabase(18);
    await run(database, 'CREATE TABLE staff (a int); CREATE TABLE enquiries (a int)');
    await other.backup(database, { excludeRows: ['public.enquiries'] });
    const { out, beside } = await newOutput('crm.json');
    await expect(exported(out, {}, other)).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringMatching(/no table public\.enquiries \(exclude-rows[^)]*\), so/),
      hint: expect.stringMatching(/--all.*--out FOLDER/),
      publicReason: expect.not.stringContaining('enquiries'),
    });
    expect(await beside()).toEqual([]);
  });
});

describe('nothing is left', () => {
  const archiveOf = (of: Workplace) => join(of.folder, 'store', 'crm', id, 'archive.tar.age');

  test.each(['crm.json', 'tables'])('by a damaged archive, and %s stays as it was', async (name) => {
    const whole = await readFile(archiveOf(place));
    const { out, beside } = await newOutput(name);
    await exported(out);
    const before = name === 'tables' ? await readdir(out) : await readFile(out, 'utf8');
    try {
      await truncate(archiveOf(place), whole.length - 100);
      await expect(exported(out, { force: true })).rejects.toThrow(IntegrityError);
      await expect(exported(`${out}2.json`, { all: true })).rejects.toThrow(IntegrityError);
      await expect(exported(`${out}2`)).rejects.toThrow(IntegrityError);
    } finally {
      await writeFile(archiveOf(place), whole);
    }
    expect(await beside()).toEqual([name]);
    expect(name === 'tables' ? await readdir(out) : await readFile(out, 'utf8')).toEqual(before);
    await exported(out, { force: true });
  });

  test('by a wrong identity, by none, or where something is already', async () => {
    const { out, beside } = await newOutput('crm.json');
    const wrong = [await generateX25519Identity()];
    await expect(exported(out, { identities: wrong })).rejects.toThrow(/other recipients/);
    await expect(exported(`${out}/`, { identities: wrong })).rejects.toThrow(/other recipients/);
    await expect(exported(out, { identities: null })).rejects.toThrow(/no identity was given/);
    await expect(exported(out, { format: 'copy' })).rejects.toThrow(/for a folder/);
    expect(await beside()).toEqual([]);
    await writeFile(out, 'mine');
    await expect(exported(out)).rejects.toThrow(ConfigError);
    expect(await readFile(out, 'utf8')).toBe('mine');
  });

  test.each(['all.json', 'tables'])('by an interruption while %s is written', async (name) => {
    await using other = await openWorkplace();
    const { stores, ledger } = place.deps;
    const { out, beside } = await newOutput(name);
    const step = other.deps.progress.step('');
    let seen: Promise<string[]> | null = null;
    const progress = {
      ...other.deps.progress,
      step: (title: string) => ({
        ...step,
        update: () => {
          if (!title.startsWith('Exporting') || seen) return;
          seen = beside();
          other.stopping.abort();
        },
      }),
    };
    const deps = { ...other.deps, stores, ledger, progress };
    await expect(
      exported(out, { all: true, identities: [place.identity] }, { ...other, deps }),
    ).rejects.toThrow(SourceError);
    expect(await seen).toEqual([expect.stringMatching(/\.partial$/)]);
    expect(await beside()).toEqual([]);
  });

  const canMount = process.getuid?.() === 0;
  if (!canMount) process.stderr.write('disk-full test skipped: only root may mount a small disk\n');
  test.skipIf(!canMount)('on a full disk', async () => {
    const disk = join(place.folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk]);
    try {
      for (const name of ['all.json', 'tables']) {
        const failed = exported(join(disk, name), { all: true });
        await expect(failed).rejects.toThrow(StoreError);
        await expect(failed).rejects.toThrow(/the disk is full/);
        expect(await readdir(disk)).toEqual([]);
      }
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

test('the command says that the file is in clear, prints what it did, and wants one database', async () => {
  await using cli = await openCliFolder();
  const env = { DATABASE_URL: url };
  expect((await cli.holdfast(['backup'], env)).code).toBe(0);
  const options = ['--identity-file', cli.identityFile, '--json'];
  const done = await cli.holdfast(['export', 'latest', '--out', 'crm.json', ...options]);
  expect(done).toMatchObject({ code: 0, stderr: expect.stringContaining('crm.json is not encrypted') });
  const { staff } = await parsed(join(cli.folder, 'crm.json'));
  expect(JSON.parse(done.stdout)).toEqual({
    id: expect.stringMatching(/^crm-/),
    out: join(await realpath(cli.folder), 'crm.json'),
    tables: 2,
    rows: 200 + staff.length,
  });
  await cli.configure(
    config(cli.recipient).replace('stores:', '  shop: { url: "${DATABASE_URL}" }\nstores:'),
  );
  const both = await cli.holdfast(['export', '--out', 'tables', ...options], env);
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('has crm, shop') });
  expect((await cli.files()).filter((file) => !/^(store|ledger|holdfast|identity)/.test(file))).toEqual([
    'crm.json',
  ]);
});
