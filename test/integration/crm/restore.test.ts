import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CrmUnderTest, openCrm, sendTo } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

afterAll(stopServers);

const tables = ['enquiries', 'staff'];
const restore = (crm: CrmUnderTest, id: number, more: object = {}) =>
  crm.send('POST', `/${id}/restore`, { confirm: 'RESTORE', ...more });
const types = async (crm: CrmUnderTest) =>
  (await crm.sql('SELECT type FROM backups ORDER BY id')).map(({ type }) => type);

describe('a restore', () => {
  test('reports what it did, and can be undone', async () => {
    await using crm = await openCrm();
    const before = await crm.copyText(...tables);
    await crm.send('POST');
    await crm.sql(`DELETE FROM enquiries WHERE id = 1; UPDATE enquiries SET name = 'x' WHERE id = 2;
      INSERT INTO staff (email) VALUES ('c@crm.test'); INSERT INTO enquiries (name, staff_id) VALUES ('new', 3), ('newer', 3)`);
    const spoilt = await crm.copyText(...tables);
    const { status, body } = await restore(crm, 1);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      success: true,
      restored: 1,
      pre_restore: { id: 2, type: 'Pre-restore', trigger_event: 'pre-restore', enquiry_count: 4 },
      tables: {
        enquiries: { before: 4, after: 3, inserted: 1, updated: 1, deleted: 2 },
        staff: { before: 3, after: 2, inserted: 0, updated: 0, deleted: 1 },
      },
    });
    expect(await crm.copyText(...tables)).toEqual(before);
    expect((await restore(crm, 2)).status).toBe(200);
    expect(await crm.copyText(...tables)).toEqual(spoilt);
    expect(
      await crm.sql(
        `SELECT outcome, backup_id::int AS id FROM backup_audit WHERE operation = 'restore' ORDER BY id`,
      ),
    ).toEqual([
      { outcome: 'began', id: 1 },
      { outcome: 'succeeded', id: 1 },
      { outcome: 'began', id: 2 },
      { outcome: 'succeeded', id: 2 },
    ]);
  });

  test('moves sequences that are behind, and none backwards', async () => {
    await using crm = await openCrm();
    await crm.sql("CREATE SEQUENCE loose; ALTER TABLE staff ADD number int DEFAULT nextval('loose')");
    await crm.send('POST');
    await crm.sql(
      `DELETE FROM enquiries; DELETE FROM staff; SELECT setval('staff_id_seq', 1, false), setval('loose', 1), setval('enquiries_id_seq', 100)`,
    );
    const { body } = await restore(crm, 1);
    expect(body.sequences).toEqual([
      { sequence: 'public.loose', next: 3 },
      { sequence: 'public.staff_id_seq', next: 3 },
    ]);
    expect(await crm.sql(`INSERT INTO staff (email) VALUES ('new') RETURNING id, number`)).toEqual([
      { id: 3, number: 3 },
    ]);
    expect(await crm.sql(`INSERT INTO enquiries (name) VALUES ('new') RETURNING id`)).toEqual([{ id: 101 }]);
  });

  test('is not changed by the CRM’s own triggers, which stay as they were', async () => {
    await using crm = await openCrm();
    await crm.sql(`CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.name := ''touched''; RETURN NEW; END';
      CREATE TRIGGER usual BEFORE INSERT OR UPDATE ON enquiries FOR EACH ROW EXECUTE FUNCTION touch();
      CREATE TRIGGER always BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION touch(); ALTER TABLE staff ENABLE ALWAYS TRIGGER always;
      CREATE TRIGGER off BEFORE UPDATE ON staff FOR EACH ROW EXECUTE FUNCTION touch(); ALTER TABLE staff DISABLE TRIGGER off;
      COMMENT ON CONSTRAINT enquiries_staff_id_fkey ON enquiries IS 'kept'`);
    const before = await crm.copyText(...tables);
    const triggers = () =>
      crm.sql(`SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`);
    const asBefore = await triggers();
    await crm.send('POST');
    await crm.sql(`UPDATE enquiries SET staff_id = NULL; UPDATE staff SET email = email || 'x'`);
    expect((await restore(crm, 1)).status).toBe(200);
    expect(await crm.copyText(...tables)).toEqual(before);
    expect(await triggers()).toEqual(asBefore);
    expect(
      await crm.sql(
        `SELECT obj_description(oid) AS c FROM pg_constraint WHERE conname = 'enquiries_staff_id_fkey'`,
      ),
    ).toEqual([{ c: 'kept' }]);
  });

  test('of the oldest backup, which retention would take with the Pre-restore one', async () => {
    await using crm = await openCrm({ keepLast: 1, retentionDays: 0 });
    await crm.send('POST');
    await crm.sql(`UPDATE backups SET created_at = now() - interval '1 year'; DELETE FROM enquiries`);
    expect((await restore(crm, 1)).body.tables.enquiries).toMatchObject({ before: 0, after: 3 });
    expect(await types(crm)).toEqual(['Manual', 'Pre-restore']);
  });

  test('keeps a column that came after the backup', async () => {
    await using crm = await openCrm();
    await crm.send('POST');
    await crm.sql(
      `ALTER TABLE staff ADD phone text DEFAULT 'none'; UPDATE staff SET phone = '1' WHERE id = 1; DELETE FROM enquiries; DELETE FROM staff WHERE id = 2`,
    );
    expect((await restore(crm, 1)).status).toBe(200);
    expect(await crm.sql('SELECT id, phone FROM staff ORDER BY id')).toEqual([
      { id: 1, phone: '1' },
      { id: 2, phone: 'none' },
    ]);
  });
});

describe('rows of other tables', () => {
  const withNotes = `CREATE TABLE notes (id serial, enquiry_id int NOT NULL REFERENCES enquiries ON DELETE CASCADE);
    CREATE TABLE bills (id serial, enquiry_id int REFERENCES enquiries)`;

  test('stay, though their enquiry is restored', async () => {
    await using crm = await openCrm();
    await crm.sql(
      `${withNotes}; INSERT INTO notes (enquiry_id) VALUES (1), (2); INSERT INTO bills (enquiry_id) VALUES (1)`,
    );
    const before = await crm.copyText(...tables, 'notes', 'bills');
    await crm.send('POST');
    await crm.sql(`UPDATE enquiries SET name = 'spoilt'; DELETE FROM enquiries WHERE id = 3`);
    expect((await restore(crm, 1)).status).toBe(200);
    expect(await crm.copyText(...tables, 'notes', 'bills')).toEqual(before);
  });

  test('are never deleted along, unless that was said', async () => {
    await using crm = await openCrm();
    await crm.sql(withNotes);
    await crm.send('POST');
    await crm.sql(
      `INSERT INTO enquiries (name) VALUES ('new'); INSERT INTO notes (enquiry_id) VALUES (4), (4), (1)`,
    );
    const refused = await restore(crm, 1);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        error: 'rows_in_the_way',
        in_the_way: [
          { table: 'public.notes', refers_to: 'public.enquiries', rows: 2, on_delete: 'would be deleted' },
        ],
        message: expect.stringContaining('"cascade": true'),
      },
    });
    // Not even a Pre-restore backup was needed to find out.
    expect(await types(crm)).toEqual(['Manual']);
    expect((await restore(crm, 1, { cascade: true })).status).toBe(200);
    expect(await crm.sql('SELECT enquiry_id FROM notes')).toEqual([{ enquiry_id: 1 }]);
    await crm.sql(
      `INSERT INTO enquiries (id, name) VALUES (50, 'billed'); INSERT INTO bills (enquiry_id) VALUES (50)`,
    );
    expect(await restore(crm, 1, { cascade: true })).toMatchObject({
      status: 409,
      body: { in_the_way: [{ on_delete: 'refused' }] },
    });
  });
});

describe('a damaged backup is refused, before anything is changed', () => {
  let crm: CrmUnderTest;
  beforeAll(async () => {
    crm = await openCrm();
  });
  afterAll(() => crm[Symbol.asyncDispose]());

  const set = (path: string, value: string) =>
    `UPDATE backups SET data = jsonb_set(data, '${path}', '${value}')`;
  test.each<[string, string, RegExp]>([
    ['no object', `UPDATE backups SET data = '"text"'`, /not a JSON object/],
    ['cut to nothing', `UPDATE backups SET data = NULL`, /not a JSON object/],
    ['a failed attempt', `UPDATE backups SET status = false`, /the attempt failed/],
    ['another version', set('{version}', '"2.0"'), /version: not 1\.0/],
    ['no version', `UPDATE backups SET data = data - 'version'`, /version: not 1\.0/],
    ['no time', set('{timestamp}', '"yesterday"'), /timestamp: not a time/],
    ['no staff', `UPDATE backups SET data = data - 'staff'`, /staff: not an array/],
    ['enquiries that are an object', set('{enquiries}', '{"0": {}}'), /enquiries: not an array/],
    [
      'a row missing',
      `UPDATE backups SET data = data #- '{enquiries,0}'`,
      /2 rows, and enquiry_count says 3/,
    ],
    [
      'a row twice',
      `UPDATE backups SET data = jsonb_set(data, '{staff,0}', data #> '{staff,1}')`,
      /duplicate|refer by staff_id/,
    ],
    ['a row that is a number', set('{staff,0}', '1'), /staff: holds something that is not a row/],
    [
      'a row without a column',
      `UPDATE backups SET data = data #- '{enquiries,0,name}'`,
      /1 rows lack "name"/,
    ],
    [
      'rows without their key',
      `UPDATE backups SET data = jsonb_set(data, '{staff}', '[{"email": "x"}]')`,
      /lack their key "id"/,
    ],
    ['a text for a number', set('{enquiries,0,id}', '"abc"'), /22P02/],
    ['a fraction for a number', set('{enquiries,0,staff_id}', '1.5'), /22P02/],
    ['a date that is none', set('{enquiries,0,created_at}', '"2026-02-30"'), /22008/],
    [
      'a reference into nothing',
      set('{enquiries,0,staff_id}', '77'),
      /1 rows refer by staff_id to staff that the backup does not have/,
    ],
    ['a column that is gone', `ALTER TABLE staff DROP name`, /has no column "name" any more/],
  ])('%s', async (_name, damage, reason) => {
    await crm.sql('TRUNCATE backups RESTART IDENTITY');
    await crm.send('POST');
    await crm.sql(damage);
    const before = await crm.copyText(...tables);
    const { status, body } = await restore(crm, 1);
    expect([status, body.error]).toEqual([422, 'invalid_backup']);
    expect(body.problems.join()).toMatch(reason);
    expect(await crm.copyText(...tables)).toEqual(before);
    expect(await types(crm)).toEqual(['Manual']);
    expect(crm.events.at(-2)).toMatchObject({ operation: 'restore', outcome: 'refused', backupId: 1 });
  });
});

describe('a restore that cannot end leaves everything as it was', () => {
  /** What it would do is much, and a lock of somebody else's stops it in the middle. */
  async function interrupted(crm: CrmUnderTest, interrupt: () => Promise<unknown>) {
    await crm.sql(`CREATE TABLE tags (enquiry_id int REFERENCES enquiries ON DELETE CASCADE)`);
    await crm.send('POST');
    await crm.sql(`UPDATE enquiries SET name = 'spoilt'; INSERT INTO enquiries (name) VALUES ('new'); SELECT setval('enquiries_id_seq', 1);
      INSERT INTO tags VALUES (4)`);
    const catalog = () => crm.sql(`SELECT conname FROM pg_constraint WHERE contype = 'f' ORDER BY 1`);
    const before = [await crm.copyText(...tables, 'tags', 'enquiries_id_seq'), await catalog()];
    await using holder = await held(crm);
    const answer = restore(crm, 1, { cascade: true });
    await untilInTheMiddle(crm);
    await interrupt();
    const { status } = await answer;
    await holder.release();
    expect([await crm.copyText(...tables, 'tags', 'enquiries_id_seq'), await catalog()]).toEqual(before);
    expect(await types(crm)).toEqual(['Manual', 'Pre-restore']);
    expect(await crm.sql(`SELECT outcome FROM backup_audit WHERE operation = 'restore' ORDER BY id`)).toEqual(
      [{ outcome: 'began' }, { outcome: status === 409 ? 'refused' : 'failed' }],
    );
    return status;
  }

  /** Holds the rows that ON DELETE CASCADE wants to delete. */
  async function held(crm: CrmUnderTest) {
    const client = new pg.Client({ connectionString: crm.url });
    await client.connect();
    await client.query('BEGIN; SELECT FROM tags FOR UPDATE');
    let isOpen = true;
    const release = async () => {
      if (isOpen) await client.query('COMMIT').then(() => client.end());
      isOpen = false;
    };
    return { release, [Symbol.asyncDispose]: release };
  }

  const waiting = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE%' AND datname = current_database()`;
  async function untilInTheMiddle(crm: CrmUnderTest) {
    for (;;) if ((await crm.asSuperuser(`SELECT 1 AS one ${waiting}`)).length > 0) return;
  }

  test('its connection is ended', async () => {
    await using crm = await openCrm();
    expect(await interrupted(crm, () => crm.asSuperuser(`SELECT pg_terminate_backend(pid) ${waiting}`))).toBe(
      503,
    );
    expect((await restore(crm, 1, { cascade: true })).status).toBe(200);
  });

  test('its statement is cancelled', async () => {
    await using crm = await openCrm();
    expect(await interrupted(crm, () => crm.asSuperuser(`SELECT pg_cancel_backend(pid) ${waiting}`))).toBe(
      500,
    );
  });

  test('it waits too long for a lock', async () => {
    await using crm = await openCrm({ lockTimeoutMs: 500 });
    expect(await interrupted(crm, async () => {})).toBe(409);
  });

  test.each<[string, string, number, string]>([
    [
      'a new constraint is in the way',
      `ALTER TABLE enquiries ADD CHECK (name <> 'Küche') NOT VALID; UPDATE enquiries SET name = 'x' WHERE id = 1`,
      409,
      'conflict',
    ],
    ['the table belongs to somebody else', `UPDATE enquiries SET name = 'x'`, 500, 'misconfigured'],
  ])('%s', async (name, sql, status, error) => {
    await using crm = await openCrm();
    await crm.send('POST');
    await crm.sql(sql);
    if (name.includes('somebody')) {
      await crm.asSuperuser('ALTER TABLE enquiries OWNER TO postgres; GRANT ALL ON enquiries TO crm_app');
    }
    const before = await crm.copyText(...tables);
    const answer = await restore(crm, 1);
    expect([answer.status, answer.body.error]).toEqual([status, error]);
    expect(await crm.copyText(...tables)).toEqual(before);
  });

  test('a row of another table that it refers to is gone', async () => {
    await using crm = await openCrm();
    await crm.sql(`CREATE TABLE firms (id int PRIMARY KEY); INSERT INTO firms VALUES (7);
      ALTER TABLE enquiries ADD firm_id int REFERENCES firms DEFAULT 7`);
    await crm.send('POST');
    await crm.sql('UPDATE enquiries SET firm_id = NULL; DELETE FROM firms');
    const before = await crm.copyText(...tables);
    const { status, body } = await restore(crm, 1);
    expect([status, body.error]).toEqual([409, 'conflict']);
    expect(body.message).toContain('enquiries_firm_id_fkey');
    expect(await crm.copyText(...tables)).toEqual(before);
  });

  test('something of the CRM’s swallows the rows', async () => {
    await using crm = await openCrm();
    await crm.send('POST');
    await crm.sql(`DELETE FROM enquiries WHERE id = 1; UPDATE staff SET name = 'spoilt';
      CREATE RULE swallow AS ON UPDATE TO staff DO INSTEAD NOTHING`);
    const before = await crm.copyText(...tables);
    const { status } = await restore(crm, 1);
    expect([status, crm.events.at(-1)!.detail]).toEqual([
      500,
      expect.stringMatching(/2 of them were not as they should be/),
    ]);
    expect(await crm.copyText(...tables)).toEqual(before);
  });

  test('no Pre-restore backup, no restore', async () => {
    await using crm = await openCrm();
    await crm.send('POST');
    await crm.sql(
      `UPDATE enquiries SET name = 'spoilt'; ALTER TABLE backups ADD CHECK (type <> 'Pre-restore')`,
    );
    const before = await crm.copyText(...tables);
    expect((await restore(crm, 1)).status).toBe(500);
    expect(await crm.copyText(...tables)).toEqual(before);
  });
});

test('what is written while a restore begins is not lost', async () => {
  await using crm = await openCrm();
  await crm.send('POST');
  await crm.sql('DELETE FROM enquiries WHERE id = 1');
  let isOn = true;
  const writer = (async () => {
    const written: unknown[] = [];
    const client = new pg.Client({ connectionString: crm.url });
    await client.connect();
    while (isOn) {
      const { rows } = await client.query(
        `INSERT INTO enquiries (name) VALUES ('while restoring') RETURNING id`,
      );
      written.push(rows[0].id);
    }
    await client.end();
    return written;
  })();
  const handle = crm.another(crm.newPool());
  const answer = await sendTo(handle, 'POST', '/1/restore', { confirm: 'RESTORE' });
  isOn = false;
  const written = await writer;
  expect([200, 409]).toContain(answer.status);
  // Each is in the table still, or in the Pre-restore backup that the answer names.
  const there = await crm.sql(
    `SELECT id FROM enquiries WHERE name = 'while restoring' UNION
     SELECT (e->>'id')::int FROM backups, jsonb_array_elements(data->'enquiries') e WHERE backups.id = ${answer.body.pre_restore?.id ?? 0}`,
  );
  expect(new Set(there.map(({ id }) => id))).toEqual(
    new Set([...written, ...(answer.status === 200 ? [2, 3] : [])]),
  );
});
