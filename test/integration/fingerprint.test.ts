import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compareFingerprints,
  explainDifferences,
  type SchemaDifference,
} from '../../src/restore/compare-schema.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/scratch/embedded.ts';
import { readCatalogs } from '../../src/source/postgres/fingerprint/catalogs.ts';
import { type Fingerprint, takeFingerprint } from '../../src/source/postgres/fingerprint/fingerprint.ts';
import { attributesLeftOut, catalogsLeftOut } from '../../src/source/postgres/fingerprint/normalise.ts';
import { catalogMutations, changesThatAreNone } from '../support/catalog-mutations.ts';

const everyKind = await readFile(new URL('../support/every-kind.sql', import.meta.url), 'utf8');

describe.concurrent('every mutation is seen', () => {
  for (const major of [15, 17, 18]) {
    test(`PostgreSQL ${major}`, { timeout: 120_000 }, async ({ expect }) => {
      await using server = await startEmbeddedPostgres({ major });
      await using shop = await openDatabase(server, 'shop', everyKind);
      const control = await fingerprintAfter(shop, '');
      expect(compareFingerprints(control, await fingerprintAfter(shop, '')).verdict).toBe('equal');

      const mutations = catalogMutations.filter((mutation) => (mutation.minMajor ?? 0) <= major);
      expect(mutations.length).toBeGreaterThanOrEqual(120);
      const missed: string[] = [];
      for (const { name, sql, shows } of mutations) {
        const { differences } = compareFingerprints(control, await fingerprintAfter(shop, sql));
        if (!differences.some((difference) => line(difference).startsWith(shows))) missed.push(name);
      }
      expect(missed).toEqual([]);

      const changed: string[] = [];
      for (const { name, sql } of changesThatAreNone) {
        if ((await fingerprintAfter(shop, sql)).hash !== control.hash) changed.push(name);
      }
      expect(changed).toEqual([]);

      const raw = (await readCatalogs(shop.client))
        .filter((catalog) => !(catalog.name in catalogsLeftOut))
        .flatMap((catalog) => catalog.columns)
        .filter((column) => /^_?(oid|regproc|oidvector|int2|int2vector)$/.test(column.type))
        .filter((column) => !column.refersTo && !column.numbersColumnsOf && column.name !== 'oid')
        .map((column) => column.fullName)
        .filter((name) => !(name in attributesLeftOut) && !numbersThatAreNone.includes(name));
      expect(raw, 'OIDs and column numbers that would be compared as they are').toEqual([]);

      // The same schema from other OIDs, in a database of another name.
      await using twin = await openDatabase(server, 'twin', 'create table x (); drop table x', everyKind);
      expect(compareFingerprints(control, await fingerprintAfter(twin, ''))).toEqual({
        verdict: 'equal',
        differences: [],
      });
    });
  }
});

/** Small integers that count or flag something, and the objects that annotations speak of by two columns. */
const numbersThatAreNone = [
  'pg_aggregate.aggnumdirectargs',
  'pg_amop.amopstrategy',
  'pg_amproc.amprocnum',
  'pg_attribute.attnum',
  'pg_attribute.attstattarget',
  'pg_depend.objid',
  'pg_depend.refobjid',
  'pg_description.objoid',
  'pg_index.indnatts',
  'pg_index.indnkeyatts',
  'pg_index.indoption',
  'pg_partitioned_table.partnatts',
  'pg_proc.pronargdefaults',
  'pg_proc.pronargs',
  'pg_replication_origin.roident',
  'pg_seclabel.objoid',
  'pg_shdescription.objoid',
  'pg_shseclabel.objoid',
  'pg_statistic_ext.stxstattarget',
  'pg_trigger.tgnargs',
  'pg_trigger.tgtype',
  'pg_type.typlen',
];

describe('on PostgreSQL 18', () => {
  let server: EmbeddedPostgres;
  beforeAll(async () => {
    server = await startEmbeddedPostgres({ major: 18 });
  });
  afterAll(() => server.stop());

  test('5,000 tables take under 10 s', { timeout: 120_000 }, async () => {
    const tables = `do $$ begin for i in 1..5000 loop
      execute format('create table t_%s (id integer primary key, name text)', i);
      execute format('create index on t_%s (name)', i);
    end loop; end $$`;
    await using many = await openDatabase(server, 'many', tables);
    const began = performance.now();
    const fingerprint = await fingerprintAfter(many, '');
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(fingerprint.census).toMatchObject({ pg_class: 15_000, pg_index: 10_000, pg_attribute: 20_000 });
  });

  test('the transaction and its settings are as before, also after an error', async () => {
    await using quiet = await openDatabase(server, 'quiet', everyKind);
    const { client } = quiet;
    await client.query("begin isolation level repeatable read read only; set local search_path = 'shop'");
    await takeFingerprint(client);
    expect((await client.query('show search_path')).rows).toEqual([{ search_path: 'shop' }]);
    expect((await client.query('show transaction_read_only')).rows).toEqual([
      { transaction_read_only: 'on' },
    ]);
    await client.query("set local statement_timeout = '1ms'");
    await expect(takeFingerprint(client)).rejects.toMatchObject({ code: '57014' });
    expect((await client.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '1ms' }]);
    await client.query('rollback');
    await expect(takeFingerprint(client)).rejects.toMatchObject({ code: '25P01' });
  });

  test('a role of pg_read_all_data sees what a superuser sees; a plain role says what it could not read', async () => {
    await using shop = await openDatabase(server, 'read_by_others', everyKind);
    const whole = await fingerprintAfter(shop, '');
    const reader = await fingerprintAfter(
      shop,
      'create role shop_reader; grant pg_read_all_data to shop_reader; set local role shop_reader',
    );
    expect(reader.unreadable).toEqual([]);
    expect(reader.hash).toBe(whole.hash);

    const stranger = await fingerprintAfter(shop, 'create role shop_stranger; set local role shop_stranger');
    expect(stranger.unreadable).toEqual(['pg_subscription.subconninfo', 'pg_user_mapping']);
    const comparison = compareFingerprints(stranger, whole);
    expect(comparison.verdict).toBe('explained');
    expect(comparison.differences.map(line)).toContain('unreadable|source pg_user_mapping null');
  });

  test('an index that CREATE INDEX CONCURRENTLY left invalid is seen', async () => {
    await using shop = await openDatabase(
      server,
      'concurrent',
      'create table t as select 1 as x from generate_series(1, 2)',
    );
    await shop.client.query('create unique index concurrently broken on t (x)').catch(() => {});
    const invalid = (await fingerprintAfter(shop, '')).entries.find(
      (entry) => entry.key === 'pg_index|public.broken',
    );
    expect(invalid?.attributes).toMatchObject({ indisunique: true, indislive: true });
    expect(invalid?.attributes).not.toHaveProperty('indisvalid');
  });

  test('text that the server rewrites when it reads it again is explained; other text is not', async () => {
    const tables = `create table t (a varchar(9), b integer, c text, h boolean);
      create domain d as varchar(9); create function s() returns trigger language plpgsql as 'begin return new; end'`;
    const once = `alter table t add constraint k check (a in ('x', 'y')), alter h set default ('x'::varchar in ('x', 'y'));
      alter domain d add constraint e check (value in ('x', 'y'));
      create index i on t (b) where a in ('x', 'y'); create index j on t ((a in ('x', 'y')));
      create view v as select null::integer as n, b from t where a in ('x', 'y');
      create materialized view m as select b from t where a in ('x', 'y');
      create policy p on t using (a in ('x', 'y')) with check (a in ('x', 'y'));
      create rule r as on insert to t where new.a in ('x', 'y') do instead nothing;
      create trigger g before insert on t for each row when (new.a in ('x', 'y')) execute function s();
      create function f() returns boolean language sql begin atomic select a in ('x', 'y') from t; end`;
    await using source = await openDatabase(server, 'once', tables, once);
    await using restored = await openDatabase(server, 'twice', tables, await secondReading(source.client));
    const before = await fingerprintAfter(source, '');
    const comparison = compareFingerprints(before, await fingerprintAfter(restored, ''));
    expect(comparison.verdict).toBe('different');
    expect(comparison.differences.map(line)).toEqual([
      'pg_attrdef|h of public.t adbin',
      'pg_constraint|e of public.d conbin',
      'pg_constraint|k of public.t conbin',
      'pg_index|public.i indpred',
      'pg_index|public.j indexprs',
      'pg_policy|p of public.t polqual',
      'pg_policy|p of public.t polwithcheck',
      'pg_proc|public.f() prosqlbody',
      'pg_rewrite|"_RETURN" of public.m ev_action',
      'pg_rewrite|"_RETURN" of public.v ev_action',
      'pg_rewrite|r of public.t ev_action',
      'pg_trigger|g of public.t tgqual',
    ]);

    const explained = await explainDifferences(restored.client, comparison);
    expect(explained.differences.filter((difference) => difference.explanation === null)).toEqual([]);
    expect(explained.verdict).toBe('explained');
    const left = await restored.client.query("select relname from pg_class where relname like 'holdfast%'");
    expect(left.rows).toEqual([]);

    await restored.client.query(`alter table t drop constraint k, add constraint k check (a in ('x', 'z'))`);
    const worse = compareFingerprints(before, await fingerprintAfter(restored, ''));
    const judged = await explainDifferences(restored.client, worse);
    expect(judged.verdict).toBe('different');
    expect(judged.differences.filter((difference) => difference.explanation === null).map(line)).toEqual([
      'pg_constraint|k of public.t conbin',
    ]);
  });

  test("a dump writes the columns of an inheritance child after its parent's, and only that is explained", async () => {
    const parent = 'create table parent (a integer, b integer)';
    await using source = await openDatabase(
      server,
      'child',
      `${parent}; create table child (b integer, x integer, a integer, y integer); alter table child inherit parent`,
    );
    await using restored = await openDatabase(
      server,
      'child_restored',
      `${parent};
      create table child (x integer, y integer) inherits (parent)`,
    );
    const before = await fingerprintAfter(source, '');
    const order = compareFingerprints(before, await fingerprintAfter(restored, ''));
    const unexplained = order.differences.filter((difference) => difference.explanation === null).map(line);
    // The child of the source declares the inherited columns itself, which pg_dump would have kept.
    expect(unexplained).toEqual([
      'pg_attribute|a of public.child attislocal',
      'pg_attribute|b of public.child attislocal',
    ]);
    expect(order.differences.filter((difference) => difference.attribute === 'attnum').length).toBe(3);

    await restored.client.query(
      'drop table child; create table child (y integer, x integer) inherits (parent)',
    );
    const other = compareFingerprints(before, await fingerprintAfter(restored, ''));
    expect(
      other.differences.filter(({ attribute, explanation }) => attribute === 'attnum' && explanation),
    ).toEqual([]);
  });

  test('roles and tablespaces that the server lacks explain owners and grants', async () => {
    await using shop = await openDatabase(server, 'roles', 'create table t ()');
    const restored = await fingerprintAfter(shop, '');
    const source = await fingerprintAfter(
      shop,
      'create role gone; create role stays; alter table t owner to gone; grant select on t to gone; grant insert on t to stays',
    );
    const comparison = await explainDifferences(shop.client, compareFingerprints(source, restored));
    const reasons = comparison.differences.map((difference) => [line(difference), difference.explanation]);
    expect(reasons).toEqual([
      // A grant to a role that exists after all would have to be there; "stays" was rolled back too.
      ['pg_class|public.t relacl', 'this server has no role stays'],
      ['pg_class|public.t relowner', 'this server has no role gone'],
      ['pg_type|public.t typowner', 'this server has no role gone'],
    ]);
  });
});

/** The statements that make the same objects from the server's own text, as a restored dump does. */
async function secondReading(client: pg.Client): Promise<string> {
  const statements = await client.query<{ sql: string }>(`
    select format('alter table t add constraint k %s', pg_get_constraintdef(oid)) as sql from pg_constraint where conname = 'k'
    union all select format('alter domain d add constraint e %s', pg_get_constraintdef(oid)) from pg_constraint where conname = 'e'
    union all select format('alter table t alter h set default %s', pg_get_expr(adbin, adrelid)) from pg_attrdef
    union all select pg_get_indexdef(oid) from pg_class where relname in ('i', 'j')
    union all select 'create view v as ' || pg_get_viewdef('v')
    union all select 'create materialized view m as ' || pg_get_viewdef('m')
    union all select format('create policy p on t using (%s) with check (%s)', pg_get_expr(polqual, polrelid),
      pg_get_expr(polwithcheck, polrelid)) from pg_policy
    union all select pg_get_ruledef(oid) from pg_rewrite where rulename = 'r'
    union all select pg_get_triggerdef(oid) from pg_trigger where tgname = 'g'
    union all select pg_get_functiondef('f'::regproc)`);
  return statements.rows.map((row) => row.sql).join(';');
}

interface Database extends AsyncDisposable {
  client: pg.Client;
}

/** A new database, each text run in it as one transaction. */
async function openDatabase(server: EmbeddedPostgres, name: string, ...texts: string[]): Promise<Database> {
  const maintenance = new pg.Client({ connectionString: server.url });
  await maintenance.connect();
  await maintenance.query(`create database ${name}`);
  const spaces = await maintenance.query("select 1 from pg_tablespace where spcname = 'shop_space'");
  if (spaces.rowCount === 0) {
    await maintenance.query('set allow_in_place_tablespaces = on');
    await maintenance.query("create tablespace shop_space location ''");
  }
  await maintenance.end();
  const client = new pg.Client({ connectionString: server.urlOf(name) });
  await client.connect();
  for (const text of texts) await client.query(text);
  return { client, [Symbol.asyncDispose]: () => client.end() };
}

/** The fingerprint that the database would have after `sql`. */
async function fingerprintAfter({ client }: Database, sql: string): Promise<Fingerprint> {
  await client.query('begin');
  try {
    await client.query(sql);
    return await takeFingerprint(client);
  } finally {
    await client.query('rollback');
  }
}

function line({ kind, key, attribute }: SchemaDifference): string {
  return kind === 'changed' ? `${key} ${attribute}` : `${kind} ${key}`;
}
