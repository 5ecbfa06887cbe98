import pg from 'pg';
import { afterAll, describe, expect, test } from 'vitest';
import { migrate, migrationSql } from '../../../src/crm/mount.ts';
import { type CrmUnderTest, openCrm, sendTo } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

afterAll(stopServers);

/** The failed attempt is a row without data, its reason is in the audit log, and the answer tells no detail. */
async function expectFailedRow(crm: CrmUnderTest, reason: RegExp) {
  const [row] = await crm.sql(
    'SELECT status, data, size_kb, enquiry_count FROM backups ORDER BY id DESC LIMIT 1',
  );
  expect(row).toEqual({ status: false, data: null, size_kb: 0, enquiry_count: 0 });
  const [event] = await crm.sql(
    `SELECT detail FROM backup_audit WHERE outcome = 'failed' ORDER BY id DESC LIMIT 1`,
  );
  expect(event!['detail']).toMatch(reason);
}

describe('a backup that fails', () => {
  test.each<[string, string, RegExp]>([
    ['may not read', 'ALTER TABLE staff OWNER TO postgres', /42501.*permission denied/],
    [
      'would be shown only some rows',
      'ALTER TABLE staff OWNER TO postgres; GRANT SELECT ON staff TO crm_app; ALTER TABLE staff ENABLE ROW LEVEL SECURITY',
      /row-level security/,
    ],
    ['finds no table', 'ALTER TABLE staff RENAME TO people', /no table public\.staff/],
    [
      'finds a view',
      'ALTER TABLE staff RENAME TO people; CREATE VIEW staff AS SELECT * FROM people',
      /no table public\.staff/,
    ],
  ])('because it %s', async (_name, sql, reason) => {
    await using crm = await openCrm();
    await crm.asSuperuser(sql);
    const answer = await crm.send('PATCH', '', { trigger: 'critical_operation' });
    expect([answer.status, answer.body.success]).toEqual([500, false]);
    await expectFailedRow(crm, reason);
    expect(crm.events.at(-1)).toMatchObject({ operation: 'backup', outcome: 'failed' });
  });

  test('because its statement takes too long', async () => {
    await using crm = await openCrm({ statementTimeoutMs: 300 });
    await using locker = await lockedTable(crm);
    const answer = await crm.send('POST');
    expect(answer.status).toBe(500);
    await locker.release();
    await expectFailedRow(crm, /57014/);
  });

  test('because its table is dropped while it waits', async () => {
    await using crm = await openCrm();
    await using locker = await lockedTable(crm);
    const answer = crm.send('POST');
    await untilWaiting(crm);
    await locker.release('DROP TABLE staff CASCADE');
    expect((await answer).status).toBe(500);
    await expectFailedRow(crm, /42P01|XX000/);
  });

  test('not because its table is emptied and filled again while it waits', async () => {
    await using crm = await openCrm();
    await using locker = await lockedTable(crm);
    const answer = crm.send('POST');
    await untilWaiting(crm);
    // A snapshot from before the lock would see an empty table, and call that a backup.
    await locker.release(`TRUNCATE enquiries; INSERT INTO enquiries (name) VALUES ('after')`);
    expect(await answer).toMatchObject({ status: 201, body: { backup: { enquiry_count: 1 } } });
  });

  test('because its connection is ended', async () => {
    await using crm = await openCrm();
    await using locker = await lockedTable(crm);
    const answer = crm.send('PATCH', '', { trigger: 'form_submission' });
    await untilWaiting(crm);
    await crm.asSuperuser(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    expect(await answer).toMatchObject({ status: 503, headers: expect.any(Headers) });
    await locker.release();
    await expectFailedRow(crm, /57P01|terminat/);
    // The hour is not used up, and no lock was left behind.
    expect((await crm.send('PATCH', '', { trigger: 'form_submission' })).status).toBe(201);
  });

  test('without a migration, or without a database', async () => {
    await using crm = await openCrm({ isMigrated: false });
    expect(await crm.send('POST')).toMatchObject({
      status: 500,
      body: { error: 'misconfigured', message: expect.stringContaining('migration') },
    });
    const gone = new pg.Pool({ connectionString: 'postgres://crm:hunter2@127.0.0.1:1/crm' });
    const answer = await sendTo(crm.another(gone), 'POST');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(JSON.stringify([answer.body, crm.events])).not.toContain('hunter2');
    expect(crm.events.at(-1)).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('not recorded'),
    });
    await gone.end();
  });

  test('a callback that throws harms nothing', async () => {
    await using crm = await openCrm({
      audit: () => {
        throw new Error('the log is full');
      },
    });
    expect((await crm.send('POST')).status).toBe(201);
    expect((await crm.send('POST', '', 'no JSON')).status).toBe(400);
  });
});

describe('the migration', () => {
  test('runs twice, and at the same time', async () => {
    await using crm = await openCrm({ isMigrated: false });
    await Promise.all(Array.from({ length: 4 }, () => migrate(crm.pool)));
    await crm.sql(migrationSql());
    expect((await crm.send('POST')).status).toBe(201);
  });

  // What Prisma makes of `status String @default("completed")` and friends.
  const tables: [string, string, string, string][] = [
    ['text', `type text, status text`, 'Success', 'Failed'],
    [
      'a default in the CRM’s own word',
      `type text, status varchar(20) DEFAULT 'completed' NOT NULL`,
      'completed',
      'failed',
    ],
    ['enums', `type "BackupType" NOT NULL, status "BackupStatus" NOT NULL`, 'COMPLETED', 'FAILED'],
    ['boolean', `type text, status boolean DEFAULT true`, 'true', 'false'],
  ];
  test.each(tables)(
    'leaves a table with %s as it is, and works with it',
    async (_name, columns, success, failed) => {
      const table = `CREATE TYPE "BackupType" AS ENUM ('AUTOMATIC', 'MANUAL', 'PRE_RESTORE'); CREATE TYPE "BackupStatus" AS ENUM ('COMPLETED', 'FAILED');
      CREATE TABLE staff (id int); CREATE TABLE enquiries (id int); CREATE TABLE backups (id serial, date timestamp(3) NOT NULL, size_kb double precision,
      ${columns}, data json NOT NULL, enquiry_count int, trigger_event text, created_at timestamp(3) DEFAULT CURRENT_TIMESTAMP, note text)`;
      await using crm = await openCrm({ sql: table, isMigrated: false });
      const shape = `SELECT column_name, data_type, column_default, is_nullable FROM information_schema.columns WHERE table_name = 'backups' ORDER BY 1`;
      const before = await crm.sql(shape);
      await migrate(crm.pool);
      expect(await crm.sql(shape)).toEqual(before);
      // Prisma's plain timestamps are UTC, whatever the session's zone.
      await crm.sql(`ALTER ROLE CURRENT_USER SET TimeZone = 'Asia/Tokyo'`);
      try {
        const fresh = crm.another(crm.newPool());
        const made = await sendTo(fresh, 'PATCH', '', { trigger: 'form_submission' });
        expect(Math.abs(Date.parse(made.body.backup.created_at) - Date.now())).toBeLessThan(60_000);
        expect((await sendTo(fresh, 'PATCH', '', { trigger: 'form_submission' })).body.skipped).toBe(true);
        expect((await sendTo(fresh, 'POST', '/1/restore', { confirm: 'RESTORE' })).status).toBe(200);
        await crm.sql('ALTER TABLE staff RENAME TO people');
        expect((await sendTo(fresh, 'POST')).status).toBe(500);
        const { body } = await sendTo(fresh, 'GET');
        expect(
          body.backups.map((each: { type: string; status: boolean }) => [each.type, each.status]),
        ).toEqual([
          ['Manual', false],
          ['Pre-restore', true],
          ['Auto', true],
        ]);
      } finally {
        await crm.sql('ALTER ROLE CURRENT_USER RESET ALL');
      }
      expect(await crm.sql('SELECT status::text FROM backups ORDER BY id')).toEqual(
        [success, success, failed].map((status) => ({ status })),
      );
    },
  );

  test.each([
    ['lacks columns', 'CREATE TABLE backups (id serial, date date)', /lacks size_kb, type, status/],
    [
      'has a status of other words',
      `CREATE TABLE backups (id serial, date date, size_kb int, type text, status text CHECK (status IN ('grün', 'rot')), data jsonb, enquiry_count int, trigger_event text, created_at timestamptz)`,
      /accepts only words/,
    ],
  ])('a table that %s is said to be unsuitable', async (_name, sql, message) => {
    await using crm = await openCrm({ sql: `CREATE TABLE staff (); CREATE TABLE enquiries (); ${sql}` });
    expect(await crm.send('POST')).toMatchObject({
      status: 500,
      body: { message: expect.stringMatching(message) },
    });
    expect(await crm.sql('SELECT count(*)::int AS count FROM backups')).toEqual([{ count: 0 }]);
  });
});

/** Another connection that holds the tables, so that a backup waits in the middle of its work. */
async function lockedTable(crm: CrmUnderTest) {
  const client = new pg.Client({ connectionString: crm.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE staff, enquiries IN ACCESS EXCLUSIVE MODE');
  let isOpen = true;
  const release = async (first = 'SELECT') => {
    if (!isOpen) return;
    isOpen = false;
    await client.query(`${first}; COMMIT`);
    await client.end();
  };
  return { release, [Symbol.asyncDispose]: () => release() };
}

async function untilWaiting(crm: CrmUnderTest) {
  for (;;) {
    const [row] = await crm.asSuperuser(
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    if (row!['n'] !== 0) return;
  }
}
