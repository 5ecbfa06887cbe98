import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { createCronRoute } from '../../../src/crm/mount.ts';
import { apiKey, openCrm } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

afterAll(stopServers);

describe('a backup', () => {
  test('holds the rows, and its metadata says what it is', async () => {
    await using crm = await openCrm();
    const made = await crm.send('POST', '', { trigger: 'before the fair' });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/api/admin/backup/1');
    expect(made.body).toEqual({
      success: true,
      backup: {
        id: 1,
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        size_kb: 1,
        type: 'Manual',
        status: true,
        outcome: 'Success',
        enquiry_count: 3,
        trigger_event: 'before the fair',
        created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/),
        digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      },
    });
    const [row] = await crm.sql('SELECT * FROM backups');
    expect(row).toMatchObject({ id: 1, type: 'Manual', status: true, enquiry_count: 3, size_kb: 1 });
    expect(Object.keys(row!['data'] as object).sort()).toEqual([
      'enquiries',
      'staff',
      'timestamp',
      'trigger',
      'version',
    ]);
    expect(row!['data']).toMatchObject({
      enquiries: [{ id: 1, name: 'Küche', staff_id: 1 }, { name: 'two\nlines' }, { staff_id: null }],
      staff: [{ id: 1, email: 'ada@crm.test', name: 'Ada' }, { name: null }],
      version: '1.0',
      trigger: 'before the fair',
      timestamp: made.body.backup.created_at,
    });
  });

  test('downloads as the JSON that was promised', async () => {
    await using crm = await openCrm();
    const { body } = await crm.send('PATCH', '', { trigger: 'CSV import' });
    expect(body.backup).toMatchObject({ type: 'Auto', trigger_event: 'csv_import' });
    const response = await crm.another(crm.pool)(
      new Request('http://crm.test/api/admin/backup/1', {
        headers: { 'x-api-key': apiKey },
      }),
    );
    const bytes = Buffer.from(await response.arrayBuffer());
    const hash = createHash('sha256').update(bytes).digest();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="backup-1-${body.backup.date}.json"`,
      'repr-digest': `sha-256=:${hash.toString('base64')}:`,
      'x-content-digest': body.backup.digest,
      'cache-control': 'no-store',
    });
    expect(body.backup.digest).toBe(`sha256:${hash.toString('hex')}`);
    expect(JSON.parse(bytes.toString()).enquiries).toHaveLength(3);
  });

  test('of a CRM without a row is complete and empty', async () => {
    await using crm = await openCrm();
    await crm.sql('TRUNCATE enquiries, staff');
    const made = await crm.send('POST');
    expect(made).toMatchObject({
      status: 201,
      body: { backup: { enquiry_count: 0, status: true, trigger_event: 'manual' } },
    });
    expect((await crm.send('GET', '/1')).body).toMatchObject({ enquiries: [], staff: [] });
  });

  test('goes by other names, another schema and more tables', async () => {
    const hostile = `Enquiry"'; DROP TABLE x; --`;
    const quoted = '"the ""crm""".';
    await using crm = await openCrm({
      schema: 'the "crm"',
      tables: { enquiries: hostile, staff: 'Staff', companies: 'Company' },
      sql: `CREATE TABLE x (); CREATE SCHEMA "the ""crm"""; CREATE TABLE ${quoted}"Enquiry""'; DROP TABLE x; --" (id int, v text);
        INSERT INTO ${quoted}"Enquiry""'; DROP TABLE x; --" VALUES (1, 'a');
        CREATE TABLE ${quoted}"Staff" (id int); CREATE TABLE ${quoted}"Company" (id uuid)`,
    });
    expect((await crm.send('POST')).status).toBe(201);
    expect((await crm.send('GET', '/1')).body).toMatchObject({
      enquiries: [{ id: 1, v: 'a' }],
      companies: [],
    });
    expect((await crm.send('POST', '/1/restore', { confirm: 'RESTORE' })).body).toMatchObject({
      tables: { enquiries: { before: 1, after: 1, deleted: 1, inserted: 1 } },
    });
    await crm.sql('SELECT FROM x');
  });
});

describe('retention, after each backup', () => {
  test('removes what is too old and too many, and says so', async () => {
    await using crm = await openCrm({ keepLast: 2, retentionDays: 1 });
    for (let i = 0; i < 3; i++) await crm.send('POST');
    const ids = async () => (await crm.sql('SELECT id FROM backups ORDER BY id')).map(({ id }) => id);
    expect(await ids()).toEqual([1, 2, 3]);
    await crm.later(25 * 60);
    await crm.sql(
      `INSERT INTO backup_audit (at, operation, outcome) VALUES (now() - interval '401 days', 'old', 'x'), (now() - interval '399 days', 'young', 'x')`,
    );
    await crm.send('PATCH', '', { trigger: 'cleanup' });
    expect(await ids()).toEqual([3, 4]);
    const events = (await crm.sql('SELECT operation, detail FROM backup_audit ORDER BY id')).map(
      (row) => row,
    );
    expect(events).toContainEqual({ operation: 'retention', detail: 'removed 2, 1' });
    const operations = events.map(({ operation }) => operation);
    expect([operations.includes('old'), operations.includes('young')]).toEqual([false, true]);
  });

  test('that fails undoes no backup', async () => {
    await using crm = await openCrm({ keepLast: 1, retentionDays: 0 });
    await crm.sql(`CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''kept for ever''; END';
      CREATE TRIGGER no BEFORE DELETE ON backups FOR EACH ROW EXECUTE FUNCTION no()`);
    await crm.send('POST');
    expect((await crm.send('POST')).status).toBe(201);
    expect(crm.events.at(-1)).toMatchObject({
      operation: 'retention',
      outcome: 'failed',
      detail: expect.stringContaining('kept for ever'),
    });
    expect(await crm.sql('SELECT count(*)::int AS count FROM backups')).toEqual([{ count: 2 }]);
  });
});

describe('a scheduler that can only send GET', () => {
  const cronSecret = 'a secret of the scheduler';
  const get = (secret: string | null) =>
    new Request(
      'http://crm.test/api/cron/backup',
      secret === null ? {} : { headers: { authorization: `Bearer ${secret}` } },
    );

  test('makes one scheduled backup an hour', async () => {
    await using crm = await openCrm();
    let nowMs = Date.parse('2026-11-22T02:00:10Z');
    const GET = createCronRoute({
      endpoint: { handle: crm.another(crm.pool) },
      apiKey,
      cronSecret,
      now: () => nowMs,
    });
    const made = await GET(get(cronSecret));
    expect([made.status, (await made.json()).backup]).toEqual([
      201,
      expect.objectContaining({ type: 'Auto', trigger_event: 'scheduled' }),
    ]);
    // Such services sometimes call twice.
    expect((await GET(get(cronSecret))).headers.get('idempotent-replay')).toBe('true');
    nowMs += 3_600_000;
    expect((await GET(get(cronSecret))).status).toBe(201);
  });

  test.each([undefined, '', 'short'])('is refused without a usable secret (%j)', async (secret) => {
    const handle = () => Promise.reject(new Error('not to be asked'));
    const GET = createCronRoute({ endpoint: { handle }, apiKey, cronSecret: secret });
    for (const given of [null, '', 'undefined', 'short', cronSecret])
      expect((await GET(get(given))).status).toBe(401);
    const guarded = createCronRoute({ endpoint: { handle }, apiKey, cronSecret });
    for (const given of [null, '', 'wrong', apiKey]) expect((await guarded(get(given))).status).toBe(401);
  });
});
