import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { batchesOf, copyRows } from '../../src/demo/copy-rows.ts';
import { fillCrm } from '../../src/demo/crm.ts';
import { ConfigError } from '../../src/lib/errors.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/scratch/embedded.ts';

const now = new Date('2026-11-22T02:00:00.000Z');
const size = { enquiries: 2000, now };
const ownTables = `SELECT c.oid::regclass::text AS name FROM pg_class c
  WHERE c.relkind IN ('r', 'm') AND c.relnamespace IN ('public'::regnamespace, 'billing'::regnamespace) ORDER BY 1`;

let server: EmbeddedPostgres;
let admin: pg.Client;
let crm: pg.Client;
let filled: { tables: number; rows: number };
const clients: pg.Client[] = [];

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  clients.push(client);
  return client;
}

async function emptyDatabase(name: string): Promise<pg.Client> {
  await admin.query(`CREATE DATABASE ${name}`);
  return await connect(server.urlOf(name));
}

async function value(sql: string, client = crm): Promise<unknown> {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return rows[0]?.[0];
}

/** Tries something on the shared CRM and takes it back, also when the attempt fails. */
async function onTrial(attempt: () => Promise<void>) {
  await crm.query('BEGIN');
  try {
    await attempt();
  } finally {
    await crm.query('ROLLBACK');
  }
}

async function contentOf(client: pg.Client): Promise<Record<string, unknown>> {
  const { rows } = await client.query<{ name: string }>(ownTables);
  const content: Record<string, unknown> = {};
  for (const { name } of rows) {
    const rowDigests = `SELECT md5(t::text) AS row FROM ${name} t`;
    content[name] = await value(
      `SELECT md5(string_agg(row, '' ORDER BY row)) FROM (${rowDigests}) r`,
      client,
    );
  }
  return content;
}

beforeAll(async () => {
  server = await startEmbeddedPostgres({ major: 18 });
  admin = await connect(server.url);
  crm = await emptyDatabase('crm');
  filled = await fillCrm(crm, { ...size, seed: 1 });
});

afterAll(async () => {
  for (const client of clients) await client.end();
  await server?.stop();
});

describe('the rows', () => {
  it('are the same for the same seed, size and now, and others for another seed', async () => {
    const [again, other] = [await emptyDatabase('again'), await emptyDatabase('other')];
    await fillCrm(again, { ...size, seed: 1 });
    await fillCrm(other, { ...size, seed: 2 });
    const content = await contentOf(crm);
    expect(await contentOf(again)).toEqual(content);
    const otherContent = await contentOf(other);
    const drawn = [
      'staff',
      'enquiries',
      'documents',
      '"Company"',
      '"_EnquiryToTag"',
      'billing.invoice_lines',
    ];
    for (const table of [...drawn, 'activity_log_2026_03', 'enquiries_by_month']) {
      expect(content[table], table).toBeTypeOf('string');
      expect(otherContent[table], table).not.toBe(content[table]);
    }
  });

  it('are as many as promised, and counted right', async () => {
    const { rows } = await crm.query<{ name: string }>(ownTables);
    const tables = rows.map(({ name }) => name).filter((name) => name !== 'enquiries_by_month');
    let rowCount = 0;
    for (const name of tables) rowCount += Number(await value(`SELECT count(*) FROM ${name}`));
    expect(filled.tables).toBe(tables.length);
    expect(filled.rows).toBe(rowCount);
    expect(await value('SELECT count(*)::int FROM enquiries')).toBe(2000);
    expect(await value('SELECT count(*)::int FROM documents')).toBe(40);
    expect(await value('SELECT round(count(*) / 2000.0)::int FROM activity_log')).toBe(10);
  });

  it('of the log lie in the 18 months before now, and what is older in the default partition', async () => {
    const months = `SELECT count(DISTINCT tableoid)::int FROM activity_log WHERE tableoid <> 'activity_log_default'::regclass`;
    expect(await value(months)).toBeGreaterThanOrEqual(18);
    expect(await value('SELECT count(*)::int FROM activity_log_default')).toBe(5);
    expect(await value('SELECT count(*)::int FROM activity_log_2026_12')).toBe(0);
    const latest = await value(
      'SELECT greatest(max(a.created_at), max(e.updated_at)) FROM activity_log a, enquiries e',
    );
    expect((latest as Date).getTime()).toBeLessThanOrEqual(now.getTime());
  });

  it('refer only to rows that exist', async () => {
    const { rows } = await crm.query<{ child: string; parent: string; column: string; key: string }>(`
      SELECT conrelid::regclass AS child, confrelid::regclass AS parent, quote_ident(c.attname) AS column, quote_ident(p.attname) AS key
      FROM pg_constraint f
      JOIN pg_attribute c ON c.attrelid = conrelid AND c.attnum = conkey[1]
      JOIN pg_attribute p ON p.attrelid = confrelid AND p.attnum = confkey[1]
      WHERE contype = 'f' AND conparentid = 0 AND convalidated`);
    expect(rows).toHaveLength(11);
    for (const { child, parent, column, key } of rows) {
      const join = `FROM ${child} c LEFT JOIN ${parent} p ON p.${key} = c.${column} WHERE c.${column} IS NOT NULL`;
      const found = await crm.query(`SELECT count(p.${key})::int AS good, count(*)::int AS all ${join}`);
      expect(found.rows[0].good, `${child}.${column}`).toBeGreaterThan(0);
      expect(found.rows[0].all, `${child}.${column}`).toBe(found.rows[0].good);
    }
  });

  it('of an invoice add up to its sum', async () => {
    const wrong = `SELECT count(*)::int FROM billing.invoices i
      WHERE net <> (SELECT sum(quantity * unit_price) FROM billing.invoice_lines WHERE invoice_id = i.id)`;
    expect(await value('SELECT count(*)::int FROM billing.invoices')).toBe(250);
    expect(await value(wrong)).toBe(0);
  });

  it('can also be none', async () => {
    const bare = await emptyDatabase('bare');
    await fillCrm(bare, { seed: 1, enquiries: 0, now });
    expect(await value('SELECT count(*)::int FROM enquiries', bare)).toBe(0);
    expect(await value(`SELECT nextval(pg_get_serial_sequence('enquiries', 'id'))::int`, bare)).toBe(1);
  });
});

const objects: Record<string, string> = {
  'enum status': `pg_attribute a JOIN pg_type t ON t.oid = atttypid WHERE attrelid = 'enquiries'::regclass AND attname = 'status' AND typtype = 'e'`,
  'domain with a check': `pg_constraint WHERE contypid = 'email_address'::regtype AND contype = 'c'`,
  'generated column': `pg_attribute WHERE attrelid = 'enquiries'::regclass AND attgenerated = 's'`,
  'identity column': `pg_attribute WHERE attrelid = 'enquiries'::regclass AND attidentity = 'd'`,
  'serial column': `pg_depend WHERE objid = 'backups_id_seq'::regclass AND refobjid = 'backups'::regclass AND deptype = 'a'`,
  'stand-alone sequence': `pg_class s WHERE oid = 'enquiry_reference_seq'::regclass AND relkind = 'S'
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = s.oid AND deptype IN ('a', 'i'))`,
  'default partition': `pg_partitioned_table WHERE partrelid = 'activity_log'::regclass AND partstrat = 'r' AND partdefid <> 0`,
  'composite primary key': `pg_constraint WHERE conrelid = '"_EnquiryToTag"'::regclass AND contype = 'p' AND cardinality(conkey) = 2`,
  'unique constraint': `pg_constraint WHERE conname = 'staff_email_once' AND contype = 'u'`,
  'exclusion constraint': `pg_constraint WHERE conrelid = 'billing.hourly_rates'::regclass AND contype = 'x'`,
  'check with IN on a varchar': `pg_constraint WHERE conname = 'enquiries_source_known' AND pg_get_constraintdef(oid) LIKE '%ANY%character varying%'`,
  'deferrable foreign key': `pg_constraint WHERE conname = 'documents_by_staff' AND condeferred`,
  'foreign key from enquiries to staff': `pg_constraint WHERE conrelid = 'enquiries'::regclass AND confrelid = 'staff'::regclass`,
  'partial index': `pg_index WHERE indrelid = 'enquiries'::regclass AND indpred IS NOT NULL`,
  'expression index': `pg_index WHERE indrelid = 'enquiries'::regclass AND indexprs IS NOT NULL`,
  'GIN index': `pg_class c JOIN pg_am a ON a.oid = relam WHERE relname = 'enquiries_payload' AND amname = 'gin'`,
  view: `pg_views WHERE schemaname = 'public' AND viewname = 'open_enquiries'`,
  'materialized view with rows': `enquiries_by_month JOIN pg_matviews ON ispopulated`,
  'plpgsql trigger': `pg_trigger JOIN pg_proc p ON p.oid = tgfoid JOIN pg_language l ON l.oid = prolang
    WHERE tgrelid = 'enquiries'::regclass AND NOT tgisinternal AND lanname = 'plpgsql'`,
  'comment on a table': `pg_description WHERE objoid = 'enquiries'::regclass AND objsubid = 0`,
  'comment on a column': `pg_description WHERE objoid = 'enquiries'::regclass AND objsubid > 0`,
  'schema of its own': `pg_class WHERE relnamespace = 'billing'::regnamespace AND relkind = 'r'`,
  'table with an odd name': `pg_class WHERE relname = 'Report / Archiv ''alt'' 📦'`,
  'bytea outside the row': `pg_attribute WHERE attrelid = 'documents'::regclass AND attname = 'content' AND attstorage = 'e'`,
  'statistics of the planner': `pg_stats WHERE schemaname = 'public' AND tablename = 'enquiries'`,
};

describe('the schema', () => {
  it.each(Object.entries(objects))('has a %s', async (_, where) => {
    expect(await value(`SELECT count(*)::int FROM ${where}`)).toBeGreaterThan(0);
  });

  it('has the backups table of the mission, with its data', async () => {
    const columns = `SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'backups'::regclass AND attnum > 0`;
    expect(await value(columns)).toBe(
      'id date size_kb type status data enquiry_count trigger_event created_at',
    );
    const keys = `SELECT DISTINCT (SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(data) k) AS keys FROM backups WHERE data IS NOT NULL`;
    expect((await crm.query(keys)).rows).toEqual([{ keys: 'enquiries staff timestamp trigger version' }]);
    expect(await value('SELECT count(*)::int FROM backups')).toBe(20);
  });

  it('numbers the next rows after the last ones', async () => {
    await onTrial(async () => {
      const created = `INSERT INTO enquiries (name, email, message, source) VALUES ('n', 'a@b.c', '', 'phone') RETURNING id || reference`;
      expect(await value(created)).toBe('2001ENQ-00002001');
      await crm.query(`INSERT INTO staff (email, first_name, last_name) VALUES ('new@b.c', '', '')`);
      await crm.query(`INSERT INTO "Tag" (label) VALUES ('new')`);
      await crm.query(`INSERT INTO backups (type) VALUES ('manual')`);
      await crm.query(
        `INSERT INTO billing.invoices (invoice_no, enquiry_id, net, issued_on) VALUES ('n', 1, 0, '2026-01-01')`,
      );
      const logged = await value(
        `INSERT INTO activity_log (enquiry_id, kind) VALUES (1, 'note') RETURNING id - (SELECT max(id) FROM activity_log)`,
      );
      expect(logged).toBe('1');
    });
  });

  it('stamps an enquiry that somebody changes', async () => {
    await onTrial(async () => {
      const touched = `UPDATE enquiries SET name = 'x' WHERE id = 1 RETURNING updated_at > now()`;
      expect(await value(touched)).toBe(true);
    });
  });
});

const oddities: Record<string, string> = {
  'negative zero': `metrics WHERE measured::text = '-0'`,
  'NaN of both kinds': `metrics WHERE measured = 'NaN' AND exact = 'NaN'`,
  'infinite numbers': `metrics WHERE measured = 'Infinity' AND exact = 'Infinity'`,
  'infinite time': `metrics WHERE valid_until = 'infinity'`,
  'infinite date': `enquiries WHERE due_on = 'infinity'`,
  'year before Christ': `metrics WHERE taken_at < '0001-01-01' AND isfinite(taken_at)`,
  'time in microseconds': `enquiries WHERE extract(microseconds FROM created_at)::bigint % 1000 <> 0`,
  'backslash and tab together': `enquiries WHERE message LIKE E'%C:\\\\\\\\Users%' AND message LIKE E'%\\t%'`,
  'carriage return': `enquiries WHERE message = E'\\r\\n.\\r\\n'`,
  'text that looks like the NULL of COPY': `enquiries WHERE message = E'\\\\N'`,
  'text that looks like the end of COPY': `enquiries WHERE message = E'\\\\.'`,
  'empty text': `enquiries WHERE message = ''`,
  'empty string where others are NULL': `enquiries a, enquiries b WHERE a.phone = '' AND b.phone IS NULL`,
  'empty file where others are NULL': `documents a, documents b WHERE a.content = '' AND b.content IS NULL`,
  'file with zero bytes': `documents WHERE position('\\x00'::bytea IN content) > 0`,
  umlaut: `enquiries WHERE message LIKE '%ß%'`,
  emoji: `enquiries WHERE message LIKE '%👩‍👩‍👧‍👦%'`,
  'right-to-left text': `enquiries WHERE message LIKE '%שלום%'`,
  'character outside the basic plane': `enquiries WHERE name LIKE '%𠮷田%'`,
  'line feed': `enquiries WHERE message LIKE E'%,\\n\\n%'`,
  'message stored out of line': `enquiries WHERE length(message) > 10000`,
  'array with NULL, "NULL" and nothing': `enquiries WHERE labels = ARRAY[NULL, 'NULL', '']`,
  'array that starts at 0': `enquiries WHERE array_lower(ratings, 1) = 0`,
  'array of two dimensions': `enquiries WHERE array_ndims(ratings) = 2`,
  'jsonb number no double can hold': `settings WHERE value::text = '12345678901234567890.123456789012345678901234567890'`,
  'jsonb nested under empty keys': `settings WHERE value #>> '{"","",2,2}' = ''`,
  'jsonb null that is not NULL': `settings WHERE value = 'null'`,
  'range without an end': `billing.invoices WHERE upper_inf(service_period)`,
};

describe('among the values is', () => {
  it.each(Object.entries(oddities))('a %s', async (_, where) => {
    expect(await value(`SELECT count(*)::int FROM ${where}`)).toBeGreaterThan(0);
  });
});

describe('when it cannot be filled', () => {
  it('refuses a database that is not empty, and changes nothing', async () => {
    await expect(fillCrm(crm, { ...size, seed: 1 })).rejects.toThrow(ConfigError);
    expect(await value('SELECT count(*)::int FROM enquiries')).toBe(2000);
  });

  it('refuses a number of enquiries that is none', async () => {
    await expect(fillCrm(crm, { seed: 1, enquiries: 1.5, now })).rejects.toThrow(RangeError);
  });

  it('leaves the database as empty as it was after an error', async () => {
    const broken = await emptyDatabase('broken');
    await expect(fillCrm(broken, { seed: 1, enquiries: 10, now: new Date(Number.NaN) })).rejects.toThrow(
      RangeError,
    );
    expect(
      (await broken.query(`SELECT to_regclass('staff') AS staff, to_regnamespace('billing') AS billing`))
        .rows,
    ).toEqual([{ staff: null, billing: null }]);
  });
});

describe('copyRows', () => {
  it('passes on what the server says against a row, and leaves the connection usable', async () => {
    const client = await emptyDatabase('refusal');
    await client.query('CREATE TABLE n (n integer)');
    await expect(copyRows(client, 'n', ['1\n', 'two\n'], { freeze: false })).rejects.toMatchObject({
      code: '22P02',
    });
    expect(await copyRows(client, 'n', ['3\n'], { freeze: false })).toBe(1);
  });

  it('passes on an error in making the rows, and leaves none of them behind', async () => {
    const client = await emptyDatabase('abandoned');
    await client.query('CREATE TABLE n (n integer)');
    const rows = (function* () {
      for (let n = 0; n < 100_000; n++) yield `${n}\n`;
      throw new Error('out of ideas');
    })();
    await expect(copyRows(client, 'n', rows, { freeze: false })).rejects.toThrow('out of ideas');
    expect(await value('SELECT count(*)::int FROM n', client)).toBe(0);
  });

  it('makes no rows ahead of a server that does not take them', async () => {
    const [client, other] = [await emptyDatabase('slow'), await connect(server.urlOf('slow'))];
    await client.query('CREATE TABLE t (t text)');
    await other.query('BEGIN; LOCK TABLE t');
    let made = 0;
    const megabytes = (function* () {
      for (; made < 40; made++) yield `${'x'.repeat(1_000_000)}\n`;
    })();
    const copied = copyRows(client, 't', megabytes, { freeze: false });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(made).toBeLessThan(20);
    await other.query('COMMIT');
    expect(await copied).toBe(40);
  });

  it('cuts batches of a quarter megabyte, at row ends, and loses none', () => {
    const rows = Array.from({ length: 5000 }, (_, row) => `${row} ${'ä'.repeat(100)}\n`);
    const batches = [...batchesOf(rows)];
    expect(batches.length).toBeGreaterThan(1);
    for (const batch of batches.slice(0, -1)) expect(batch.length).toBeGreaterThanOrEqual(256 * 1024);
    for (const batch of batches) expect(batch.at(-1)).toBe(10);
    expect(Buffer.concat(batches).toString()).toBe(rows.join(''));
  });
});
