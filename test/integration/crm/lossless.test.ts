import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { migrate } from '../../../src/crm/mount.ts';
import { fillCrm } from '../../../src/demo/crm.ts';
import { type CrmUnderTest, openCrm, sendTo } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

/** A restore gives back exactly the rows that were there, whatever their types; compared as PostgreSQL prints them. */

afterAll(stopServers);

const everyType = `
  CREATE TYPE mood AS ENUM ('sad', 'so "so"', ''); CREATE TYPE pair AS (a int, b text);
  CREATE DOMAIN short AS varchar(5) CHECK (VALUE <> 'never'); CREATE DOMAIN labels AS text[]; CREATE DOMAIN doc AS jsonb;
  CREATE TABLE staff (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, boss bigint REFERENCES staff, mail text UNIQUE);
  INSERT INTO staff (boss, mail) VALUES (2, 'a'), (1, 'b'), (NULL, NULL);
  CREATE TABLE enquiries (
    id serial, part smallint, PRIMARY KEY (id, part), staff_id bigint REFERENCES staff,
    big bigint, exact numeric, money2 numeric(12,2), f4 real, f8 double precision, yes boolean,
    words text, fixed char(5), open bpchar, code varchar(3), nm name, one "char", mood mood, short short,
    raw bytea, bits bit(3), bitv varbit, id2 uuid, day date, at timestamp, atz timestamptz, clock time, clockz timetz,
    span interval, price money, ip inet, net cidr, mac macaddr, place point, path path, range int4range, ranges nummultirange,
    js json, jb jsonb, dj doc, x xml, words_v tsvector, p pair, oids oid, rel regclass,
    texts text[], ints int[], bigs bigint[], nums numeric[], moods mood[], codes char(3)[], bytes bytea[], docs jsonb[], pairs pair[], ls labels,
    "Größe ""€""" int, "" int GENERATED ALWAYS AS (part * 2) STORED);
  `.replace(', "" int', ', doubled int');

const rows = `
  INSERT INTO enquiries (part, staff_id, big, exact, money2, f4, f8, yes, words, fixed, open, code, nm, one, mood, short, raw,
    bits, bitv, id2, day, at, atz, clock, clockz, span, price, ip, net, mac, place, path, range, ranges, js, jb, dj, x, words_v, p, oids, rel,
    texts, ints, bigs, nums, moods, codes, bytes, docs, pairs, ls, "Größe ""€""") VALUES
  (1, 1, 9223372036854775807, 1.50, 1200.50, 0.1, 0.1, true, E'tab\\t \\\\ "q" \\u2028 🪵', 'ab', 'ab  ', 'é', 'n', 'x', 'so "so"', 'ab', '\\x00ff',
   '101', '1', gen_random_uuid(), '2026-02-28', '2026-01-01 00:00:00.000001', '2026-01-01 00:00:00.5+02', '24:00', '12:00+05:30',
   '1 year -3 days 04:05:06.789', '12.34', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '(1,-0)', '[(0,0),(1,1)]', '[1,5)', '{[1,2),[3,4)}',
   '{"b": 1,  "a": 1, "a": 2}', '{"n": 12345678901234567890.10, "s": "x", "null": null}', '[1, 1.0]', '<a b="c">d</a>', 'a:1 b', '(1,"x,y")', 4294967295, 'staff',
   '{}', '{1,NULL,3}', '{9223372036854775807}', '{1.10,NaN}', '{sad,""}', '{ab,c}', '{"\\\\x00"}', '{"null","{}"}', '{"(1,a)",NULL}', '{a,b}', 1),
  (2, 2, -9007199254740993, 'NaN', -0.01, '-0', '-0', false, '', '', '', '', '', '', '', '', '',
   '000', '', NULL, 'infinity', 'infinity', '-infinity', '00:00', '00:00-12', '-178000000 years', '-0.01', '1.2.3.4', '::/0', NULL, NULL, NULL, 'empty', '{}',
   'null', 'null', 'null', NULL, '', '(,)', 0, NULL,
   '{NULL,"NULL","","{x}"}', '{{1,2},{3,4}}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 2),
  (3, NULL, 9007199254740991, 'Infinity', 'NaN', 'NaN', '-Infinity', NULL, 'null', NULL, ' ', '"', NULL, NULL, 'sad', NULL, NULL,
   NULL, NULL, NULL, '0044-03-15 BC', '0044-03-15 12:00 BC', '294276-12-31 23:59:59+00', NULL, NULL, 'P0D', NULL, NULL, NULL, NULL, NULL, NULL, '(,)', NULL,
   '"text"', '"text"', '"text"', NULL, NULL, ROW(NULL,NULL), NULL, NULL,
   '[0:1]={a,b}', '[-1:0][2:3]={{1,2},{3,4}}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[2:2]={x}', NULL),
  (4, 3, 0, 0.00, NULL, '1.4e-45', '4.9406564584124654e-324', NULL, 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, '5874897-12-31', '10000-01-01', '0001-01-01 00:00+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   '1.50', '1.50', '1e-30', NULL, NULL, NULL, NULL, NULL, '{{a},{b}}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (5, 3, -9223372036854775808, '${'9'.repeat(131)}.5', NULL, '3.4028235e38', '1.7976931348623157e308', NULL, 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   '[]', 'true', '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (6, 3, 1, 1e-30, NULL, 0.30000001, 0.30000000000000004, NULL, 'x', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
   '{}', '[]', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;

const damage: [string, string][] = [
  [
    'changed',
    `UPDATE enquiries SET ${'words exact f8 at jb js texts p'
      .split(' ')
      .map((c) => `${c} = NULL`)
      .join(', ')}`,
  ],
  ['deleted', 'DELETE FROM enquiries; DELETE FROM staff'],
  [
    'added',
    `INSERT INTO staff (mail) VALUES ('c'); INSERT INTO enquiries (part, staff_id) SELECT 1, id FROM staff`,
  ],
  [
    'made anew under other numbers',
    `DELETE FROM enquiries; UPDATE staff SET boss = NULL; DELETE FROM staff; INSERT INTO staff (mail) VALUES ('b'), ('a')`,
  ],
];

async function backUp(crm: CrmUnderTest): Promise<number> {
  const { status, body } = await crm.send('POST');
  expect(status).toBe(201);
  return body.backup.id;
}

async function restoreInto(crm: CrmUnderTest, id: number) {
  const answer = await crm.send('POST', `/${id}/restore`, { confirm: 'RESTORE' });
  expect(answer).toMatchObject({ status: 200, body: { success: true, restored: id } });
  return answer.body;
}

test.each([15, 18])(
  'every type, on PostgreSQL %i',
  async (major) => {
    await using crm = await openCrm({ major, sql: everyType + rows });
    // What an application's role may have set; none of it may change a value.
    await crm.sql(`ALTER ROLE CURRENT_USER SET extra_float_digits = -5; ALTER ROLE CURRENT_USER SET DateStyle = 'German, DMY';
    ALTER ROLE CURRENT_USER SET IntervalStyle = 'iso_8601'; ALTER ROLE CURRENT_USER SET TimeZone = 'Asia/Kolkata';
    ALTER ROLE CURRENT_USER SET bytea_output = 'escape'; ALTER ROLE CURRENT_USER SET default_transaction_isolation = 'serializable'`);
    try {
      const fresh = crm.another(crm.newPool());
      const text = () =>
        crm
          .asSuperuser(`SELECT e::text FROM enquiries e ORDER BY part`)
          .then((e) => crm.asSuperuser('SELECT s::text FROM staff s ORDER BY 1').then((s) => [e, s]));
      const before = await text();
      expect((await sendTo(fresh, 'POST')).status).toBe(201);
      for (const [, sql] of damage) {
        await crm.sql(sql);
        expect(await text()).not.toEqual(before);
        const answer = await sendTo(fresh, 'POST', '/1/restore', { confirm: 'RESTORE' });
        expect(answer).toMatchObject({ status: 200, body: { restored: 1 } });
        expect(await text()).toEqual(before);
      }
    } finally {
      await crm.sql('ALTER ROLE CURRENT_USER RESET ALL');
    }
    // The next rows get numbers of their own.
    const [next] = await crm.sql(`INSERT INTO enquiries (part) VALUES (1) RETURNING id`);
    expect(next!['id']).toBeGreaterThan(6);
  },
  60_000,
);

test.each([15, 18])(
  'the sample CRM, on PostgreSQL %i',
  async (major) => {
    await using crm = await openCrm({ major, sql: '', isMigrated: false });
    const client = new pg.Client({ connectionString: crm.url });
    await client.connect();
    await fillCrm(client, { seed: 5, enquiries: 200, now: new Date('2026-11-22T00:00:00Z') });
    await client.end();
    await migrate(crm.pool);
    const everything = [
      'enquiries',
      'staff',
      'documents',
      'activity_log',
      '"_EnquiryToTag"',
      'billing.invoices',
    ];
    const before = await crm.copyText(...everything);
    const schema = () =>
      crm
        .sql(`SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint ORDER BY 1, 2`)
        .then((constraints) =>
          crm
            .sql(
              `SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2`,
            )
            .then((triggers) => [constraints, triggers]),
        );
    const schemaBefore = await schema();
    const id = await backUp(crm);
    await crm.sql(`UPDATE enquiries SET message = 'spoilt', assigned_to = NULL; UPDATE staff SET hourly_rate = 1, email = 'x' || email;
    INSERT INTO staff (email, first_name, last_name) VALUES ('new@joinery.example', 'New', 'One');
    UPDATE enquiries SET assigned_to = (SELECT max(id) FROM staff) WHERE id < 50`);
    const restored = await restoreInto(crm, id);
    expect(restored.tables).toMatchObject({
      enquiries: { before: 200, after: 200, inserted: 0, updated: 200, deleted: 0 },
      staff: { deleted: 1, inserted: 0 },
    });
    expect(await crm.copyText(...everything)).toEqual(before);
    expect(await schema()).toEqual(schemaBefore);
    // The sample's table knows only two types, and its own words for a status.
    expect(
      await crm.sql(`SELECT type, status, trigger_event FROM backups WHERE id >= ${id} ORDER BY id`),
    ).toEqual([
      { type: 'manual', status: 'completed', trigger_event: 'manual' },
      { type: 'manual', status: 'completed', trigger_event: 'pre-restore' },
    ]);
    expect(restored.pre_restore).toMatchObject({ type: 'Pre-restore', status: true });
  },
  60_000,
);
