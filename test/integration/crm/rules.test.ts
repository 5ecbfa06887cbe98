import { afterAll, describe, expect, test } from 'vitest';
import { type CrmUnderTest, openCrm, sendTo } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

afterAll(stopServers);

const patch = (crm: CrmUnderTest, trigger: string, key?: string) =>
  crm.send('PATCH', '', { trigger }, key === undefined ? {} : { 'idempotency-key': key });

describe('at most one an hour', () => {
  test('two servers, fifty requests at once: exactly one backup', async () => {
    await using crm = await openCrm();
    const servers = [crm.newPool(), crm.newPool()].map((pool) => crm.another(pool));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, place) =>
        sendTo(servers[place % 2]!, 'PATCH', '', { trigger: 'form_submission' }),
      ),
    );
    const made = answers.filter(({ status }) => status === 201);
    const skipped = answers.filter(({ status }) => status === 200);
    expect([made.length, skipped.length]).toEqual([1, 49]);
    const createdMs = Date.parse(made[0]!.body.backup.created_at);
    for (const { body } of skipped) {
      expect(body).toEqual({ skipped: true, reason: expect.any(String), nextAllowedAt: expect.any(String) });
      const waitMs = Date.parse(body.nextAllowedAt) - createdMs;
      expect(waitMs).toBeGreaterThanOrEqual(3_600_000 - 1);
      expect(waitMs).toBeLessThan(3_600_000 + 60_000);
    }
    expect(await crm.sql('SELECT count(*)::int AS count FROM backups')).toEqual([{ count: 1 }]);
    expect(
      await crm.sql('SELECT outcome, count(*)::int AS count FROM backup_audit GROUP BY 1 ORDER BY 1'),
    ).toEqual([
      { outcome: 'skipped', count: 49 },
      { outcome: 'succeeded', count: 1 },
    ]);
  });

  test('one that waited behind another commits nothing of its own', async () => {
    await using crm = await openCrm();
    // Rounds, because the moment between the first one's commit and the second one's look is short.
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => patch(crm, 'enquiry_update')));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      await crm.later(30);
    }
  });

  test.each([
    ['form_submission', 60],
    ['enquiry_update', 30],
  ])('%s again after %i minutes, not before', async (trigger, minutes) => {
    await using crm = await openCrm();
    expect((await patch(crm, trigger)).status).toBe(201);
    await crm.later(minutes - 1);
    const { status, body } = await patch(crm, trigger);
    expect([status, body.skipped]).toEqual([200, true]);
    const waitMs = Date.parse(body.nextAllowedAt) - Date.now();
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    await crm.later(1);
    expect((await patch(crm, trigger)).status).toBe(201);
  });

  test('limits do not count against one another; critical, scheduled and manual ones have none', async () => {
    await using crm = await openCrm();
    const triggers = [
      'form_submission',
      'enquiry_update',
      'critical_operation',
      'CSV import',
      'cleanup',
      'scheduled',
    ];
    for (const trigger of triggers) expect((await patch(crm, trigger)).status).toBe(201);
    for (const trigger of ['critical_operation', 'csv-import', 'bulk_delete', 'holdfast']) {
      expect((await patch(crm, trigger)).status).toBe(201);
    }
    for (let i = 0; i < 3; i++)
      expect((await crm.send('POST', '', { trigger: 'form_submission' })).status).toBe(201);
    expect((await patch(crm, 'form_submission')).body.skipped).toBe(true);
  });

  test('a manual backup does not use up the hour, nor does a failed one', async () => {
    await using crm = await openCrm();
    await crm.send('POST', '', { trigger: 'form_submission' });
    await crm.asSuperuser('REVOKE SELECT ON staff FROM crm_app; ALTER TABLE staff OWNER TO postgres');
    expect((await patch(crm, 'form_submission')).status).toBe(500);
    await crm.asSuperuser('ALTER TABLE staff OWNER TO crm_app; GRANT SELECT ON staff TO crm_app');
    expect((await patch(crm, 'form_submission')).status).toBe(201);
  });

  test('a clock that was set back by a year stops no backup', async () => {
    await using crm = await openCrm();
    await patch(crm, 'form_submission');
    await crm.later(-366 * 24 * 60);
    expect((await patch(crm, 'form_submission')).status).toBe(201);
  });

  test('a word of the CRM’s own has its own limit, an unknown one is refused', async () => {
    await using crm = await openCrm({ triggers: { 'Invoice paid': 15, month_end: null } });
    expect((await patch(crm, 'invoice_paid')).status).toBe(201);
    expect((await patch(crm, 'invoice paid')).body.skipped).toBe(true);
    expect((await patch(crm, 'month_end')).status).toBe(201);
    const { status, body } = await patch(crm, 'form_submision');
    expect([status, body.error, body.field]).toEqual([400, 'unknown_trigger', 'trigger']);
    expect(body.known_triggers).toContain('form_submission');
  });

  test('one connection is enough', async () => {
    await using crm = await openCrm();
    const handle = crm.another(crm.newPool(1));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        sendTo(handle, 'PATCH', '', { trigger: 'form_submission' }, { 'idempotency-key': 'k' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect((await sendTo(handle, 'POST', '/1/restore', { confirm: 'RESTORE' })).status).toBe(200);
  });
});

describe('an Idempotency-Key', () => {
  test('the same backup again, also when the twin comes while it is being made', async () => {
    await using crm = await openCrm();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => patch(crm, 'critical_operation', 'night-1')),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    expect(new Set(answers.map(({ body }) => body.backup.id)).size).toBe(1);
    for (const { status, headers } of answers) {
      expect(headers.get('idempotent-replay')).toBe(status === 200 ? 'true' : null);
    }
    expect((await patch(crm, 'critical_operation', 'night-2')).status).toBe(201);
  });

  test('is stronger than the rule, and forgotten after 24 hours', async () => {
    await using crm = await openCrm();
    const first = await patch(crm, 'form_submission', 'k');
    const replay = await patch(crm, 'form_submission', 'k');
    expect([replay.status, replay.body.backup.id]).toEqual([200, first.body.backup.id]);
    await crm.later(25 * 60);
    await crm.sql(`UPDATE backup_requests SET created_at = created_at - interval '25 hours'`);
    expect((await patch(crm, 'form_submission', 'k')).status).toBe(201);
    expect(await crm.sql('SELECT count(*)::int AS count FROM backup_requests')).toEqual([{ count: 1 }]);
  });

  test('for something else is refused; of a backup that is gone it makes a new one', async () => {
    await using crm = await openCrm();
    await patch(crm, 'critical_operation', 'k');
    expect(await patch(crm, 'cleanup', 'k')).toMatchObject({
      status: 422,
      body: { field: 'Idempotency-Key' },
    });
    expect(
      (await crm.send('POST', '', { trigger: 'critical_operation' }, { 'idempotency-key': 'k' })).status,
    ).toBe(422);
    await crm.sql('DELETE FROM backups');
    expect((await patch(crm, 'critical_operation', 'k')).status).toBe(201);
    expect((await patch(crm, 'critical_operation', 'x'.repeat(256))).status).toBe(400);
  });

  test('of an attempt that failed makes a new one', async () => {
    await using crm = await openCrm();
    await crm.sql('ALTER TABLE staff RENAME TO people');
    expect((await patch(crm, 'critical_operation', 'k')).status).toBe(500);
    await crm.sql('ALTER TABLE people RENAME TO staff');
    expect((await patch(crm, 'critical_operation', 'k')).status).toBe(201);
  });
});
