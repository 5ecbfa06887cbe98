import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { fillCrm } from '../../src/demo/crm.ts';
import type { RestorePlan } from '../../src/restore/plan.ts';
import { contentRootOf } from '../support/content-root.ts';
import { majors, newDatabase, run, server, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

/** Restores into real targets: all or nothing, and proved before they are committed. */

afterAll(stopServers);

async function crm(major: number): Promise<string> {
  const url = await newDatabase(major);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await fillCrm(client, { seed: 3, enquiries: 300, now: new Date('2026-11-01T00:00:00Z') });
  await client.end();
  return url;
}

const rowsOf = async (url: string, table: string) =>
  Number((await run(url, `SELECT count(*)::int AS n FROM ${table}`))[0]!['n']);
const stepsOf = async (place: Awaited<ReturnType<typeof openWorkplace>>) => {
  const all = (await place.deps.ledger.read())!.toSorted((a, b) => a.finishedAt.localeCompare(b.finishedAt));
  const records = all.filter((record) => record.verb === 'restore');
  return records.map((record) =>
    record.verb === 'restore'
      ? [record.phase, record.outcome, record.result?.steps.map(({ step }) => step)]
      : [],
  );
};

test.each(majors)('new: into an empty database of PostgreSQL %i', async (major) => {
  await using place = await openWorkplace();
  const source = await crm(major);
  const taken = await place.backup(source);
  const target = await newDatabase(major);
  const { done } = await place.restore(target, { mode: 'new' });
  expect(done).toMatchObject({ before: null, contentRoot: taken.receipt.contentRoot });
  expect(await rowsOf(target, 'enquiries')).toBe(300);
  expect(await stepsOf(place)).toEqual([
    ['began', 'succeeded', undefined],
    [
      'ended',
      'succeeded',
      ['checked', 'planned', 'confirmed', 'replaced', 'proved', 'committed', 'backed-up-after'],
    ],
  ]);
});

test('new: refused where something is', async () => {
  await using place = await openWorkplace();
  const source = await crm(18);
  await place.backup(source);
  await expect(place.restore(source, { mode: 'new' })).rejects.toThrow(/is not empty: it has 33 tables/);
});

describe('replace', () => {
  test('all that was changed, added and dropped since comes back; the CRM keeps its own backups', async () => {
    await using place = await openWorkplace();
    const url = await crm(18);
    const taken = await place.backup(url);
    await run(
      url,
      `TRUNCATE enquiries CASCADE; UPDATE staff SET email = 'gone' || id || '@example.com'; DROP VIEW IF EXISTS open_enquiries CASCADE;
       CREATE SCHEMA later; CREATE TABLE later.things (a int); INSERT INTO later.things VALUES (1); CREATE TYPE public.later_type AS ENUM ('x');
       CREATE FUNCTION public.later() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE EXTENSION citext; SELECT lo_create(777);
       INSERT INTO backups (date, size_kb, type, status, data, enquiry_count, trigger_event) SELECT date, size_kb, type, status, data, enquiry_count, 'made after' FROM backups LIMIT 1`,
    );
    const kept = await rowsOf(url, 'backups');
    const broken = await contentRootOf(url);
    expect(broken).not.toBe(taken.receipt.contentRoot);

    let plan: RestorePlan | null = null;
    await place.restore(url, {
      confirm: async (shown) => {
        plan = shown;
        return false;
      },
    });
    expect(await contentRootOf(url)).toBe(broken);
    expect(plan!.target.isSource).toBe(true);
    expect(plan!.tables).toContainEqual({ name: 'public.enquiries', rowsNow: 0, rowsAfter: 300 });
    expect(plan!.vanishing).toContain('pg_class|later.things');

    const { done } = await place.restore(url, { id: taken.id });
    expect(done!.before).toMatch(/^crm-/);
    expect(await rowsOf(url, 'enquiries')).toBe(300);
    expect(await rowsOf(url, 'backups')).toBe(kept);
    expect(await run(url, `SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = 'later'`)).toEqual([
      { n: 0 },
    ]);
    const [next] = await run(
      url,
      `INSERT INTO backups (date, size_kb, type, status, enquiry_count) SELECT date, size_kb, type, status, 0 FROM backups LIMIT 1 RETURNING id`,
    );
    expect(next!['id']).toBeGreaterThan(kept);

    // The way back: what was there before the restore is a backup too.
    await place.restore(url, { id: done!.before!, keepBackupsTable: false });
    expect(await rowsOf(url, 'later.things')).toBe(1);
    expect(await rowsOf(url, 'enquiries')).toBe(0);
  });

  test('what is kept of the target before is all of it, also rows that its backups leave out', async () => {
    await using place = await openWorkplace();
    const url = await newDatabase(18);
    await run(url, 'CREATE TABLE things (a int); CREATE TABLE visits AS SELECT generate_series(1, 50) AS a');
    const settings = {
      ...{ database: 'crm', excludeRows: ['public.visits'], connections: 1, lockTimeoutMs: 2000 },
      ...{ recipients: [place.recipient], holdfast: 'test' },
    };
    expect((await place.backup(url, settings)).receipt.rows).toBe(0);
    const { done } = await place.restore(url, { backup: settings });
    expect(await rowsOf(url, 'visits')).toBe(0);
    const other = await newDatabase(18);
    await place.restore(other, { id: done!.before!, mode: 'new' });
    expect(await rowsOf(other, 'visits')).toBe(50);
  });

  test('works as an ordinary owner', async () => {
    await using place = await openWorkplace();
    const host = await server(18);
    await run(host.url, `CREATE ROLE app LOGIN PASSWORD 'app' NOSUPERUSER; GRANT pg_read_all_data TO app`);
    const url = await newDatabase(18, 'OWNER app');
    await run(
      url,
      `ALTER SCHEMA public OWNER TO app; CREATE EXTENSION pg_trgm; COMMENT ON EXTENSION pg_trgm IS 'changed by the administrator'`,
    );
    const asApp = new URL(url);
    asApp.username = 'app';
    asApp.password = 'app';
    await run(
      asApp.href,
      `CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
       BEGIN; INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); COMMIT;
       CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$; CREATE TRIGGER no BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION no()`,
    );
    const taken = await place.backup(asApp.href);
    await run(asApp.href, `UPDATE a SET id = 2 WHERE false; DROP TRIGGER no ON a; INSERT INTO a VALUES (7)`);
    const { done } = await place.restore(asApp.href, { id: taken.id });
    expect(done!.contentRoot).toBe(taken.receipt.contentRoot);
    expect(await rowsOf(url, 'a')).toBe(1);
  });

  test('a target that is in use is left as it was', async () => {
    await using place = await openWorkplace();
    const url = await crm(18);
    await place.backup(url);
    await run(url, 'DELETE FROM activity_log');
    const before = await contentRootOf(url);
    const busy = new pg.Client({ connectionString: url, application_name: 'the CRM' });
    await busy.connect();
    await busy.query('BEGIN; SELECT count(*) FROM enquiries');
    await expect(place.restore(url)).rejects.toThrow(/Another session holds a lock/);
    await busy.end();
    expect(await contentRootOf(url)).toBe(before);
  });

  test('a damaged archive is refused before anything is asked', async () => {
    await using place = await openWorkplace();
    const url = await crm(18);
    await place.backup(url);
    const root = await contentRootOf(url);
    let asked = false;
    const [store] = place.deps.stores;
    const cut = async (key: string) => {
      const whole = await store!.get(key);
      return key.endsWith('.age') ? Readable.from([(await buffer(whole)).subarray(0, 30_000)]) : whole;
    };
    const broken = { ...store!, get: cut };
    Object.assign(place.deps, { stores: [broken] });
    await expect(
      place.restore(url, {
        confirm: async () => {
          asked = true;
          return true;
        },
      }),
    ).rejects.toThrow(/damaged/);
    expect(asked).toBe(false);
    expect(await contentRootOf(url)).toBe(root);
  });
});

describe('tables', () => {
  test('only the chosen ones, with keys from and to them, and triggers silent', async () => {
    await using place = await openWorkplace();
    const url = await newDatabase(18);
    await run(
      url,
      `CREATE TABLE team (id serial PRIMARY KEY, name text UNIQUE); CREATE TABLE member (id serial PRIMARY KEY, team int NOT NULL, CONSTRAINT in_team FOREIGN KEY (team) REFERENCES team ON DELETE CASCADE);
       COMMENT ON CONSTRAINT in_team ON member IS 'everyone is in a team'; CREATE TABLE other (a int);
       CREATE TABLE parted (at date, v int) PARTITION BY RANGE (at); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
       CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'fired'; END $$;
       INSERT INTO team (name) SELECT 't' || i FROM generate_series(1, 5) i; INSERT INTO member (team) SELECT i FROM generate_series(1, 5) i; INSERT INTO parted VALUES ('2026-05-05', 1); INSERT INTO other VALUES (1);
       CREATE TRIGGER no BEFORE INSERT OR UPDATE ON team FOR EACH ROW EXECUTE FUNCTION no(); CREATE TRIGGER off BEFORE INSERT ON team FOR EACH ROW EXECUTE FUNCTION no(); ALTER TABLE team DISABLE TRIGGER off`,
    );
    await place.backup(url);
    await run(
      url,
      `ALTER TABLE team DISABLE TRIGGER no; UPDATE team SET name = upper(name); ALTER TABLE team ENABLE TRIGGER no; DELETE FROM parted; INSERT INTO other VALUES (2); INSERT INTO member (team) VALUES (1)`,
    );
    const { done } = await place.restore(url, { mode: 'tables', tables: ['team', 'public.parted'] });
    expect(done).toMatchObject({ tables: 2, rows: 6 });
    expect(await run(url, `SELECT name FROM team ORDER BY id LIMIT 2`)).toEqual([
      { name: 't1' },
      { name: 't2' },
    ]);
    expect([await rowsOf(url, 'parted'), await rowsOf(url, 'other'), await rowsOf(url, 'member')]).toEqual([
      1, 2, 6,
    ]);
    expect(
      await run(
        url,
        `SELECT obj_description(oid, 'pg_constraint') AS c FROM pg_constraint WHERE conname = 'in_team'`,
      ),
    ).toEqual([{ c: 'everyone is in a team' }]);
    await expect(run(url, `INSERT INTO team (name) VALUES ('x')`)).rejects.toThrow('fired');
  });

  test('rows that a foreign key now forbids undo everything', async () => {
    await using place = await openWorkplace();
    const url = await newDatabase(18);
    await run(
      url,
      `CREATE TABLE team (id int PRIMARY KEY); CREATE TABLE member (id int PRIMARY KEY, team int REFERENCES team); INSERT INTO team VALUES (1); INSERT INTO member VALUES (1, 1)`,
    );
    await place.backup(url);
    await run(url, `INSERT INTO team VALUES (2); INSERT INTO member VALUES (2, 2)`);
    const before = await contentRootOf(url);
    await expect(place.restore(url, { mode: 'tables', tables: ['team'] })).rejects.toThrow(/foreign key/);
    expect(await contentRootOf(url)).toBe(before);
  });
});

describe('another major', () => {
  test('older into newer: rows proven, schema applied', async () => {
    await using place = await openWorkplace();
    const taken = await place.backup(await crm(15));
    const target = await newDatabase(18);
    const { plan, done } = await place.restore(target, { mode: 'new' });
    expect(plan.proof).toBe('rows proven, schema applied');
    expect(done!.rows).toBe(taken.receipt.rows);
  });

  test('newer into older is refused', async () => {
    await using place = await openWorkplace();
    await place.backup(await crm(18));
    const target = await newDatabase(15);
    await expect(place.restore(target, { mode: 'new' })).rejects.toThrow(/older server does not understand/);
    expect(await run(target, `SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'`)).toEqual(
      [{ n: 0 }],
    );
  });
});
