import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiKey, type CrmUnderTest, openCrm, sendTo } from '../../support/crm-endpoint.ts';
import { stopServers } from '../../support/servers.ts';

let crm: CrmUnderTest;
beforeAll(async () => {
  crm = await openCrm();
});
afterAll(async () => {
  await crm[Symbol.asyncDispose]();
  await stopServers();
});

const rowCounts = () =>
  crm.sql(`SELECT (SELECT count(*)::int FROM backups) AS backups, (SELECT count(*)::int FROM backup_audit) AS audit,
    (SELECT count(*)::int FROM backup_requests) AS requests`);

describe('refused, and nothing done', () => {
  const wrongKeys: [string, Record<string, string>][] = [
    ['no key', { 'x-api-key': '' }],
    ['a wrong key', { 'x-api-key': 'a wrong key of more than sixteen' }],
    ['half the key', { 'x-api-key': apiKey.slice(0, -1) }],
    ['the key and more', { 'x-api-key': `${apiKey}x` }],
    ['a bearer', { 'x-api-key': '', authorization: `Bearer ${apiKey}` }],
  ];
  const paths: [string, string, unknown][] = [
    ['PATCH', '', { trigger: 'critical_operation' }],
    ['POST', '', {}],
    ['GET', '', undefined],
    ['GET', '/1', undefined],
    ['POST', '/1/restore', { confirm: 'RESTORE' }],
    ['DELETE', '/1', undefined],
    ['GET', '/nothing', undefined],
  ];
  test.each(wrongKeys)('%s', async (_name, headers) => {
    const before = await rowCounts();
    for (const [method, path, body] of paths) {
      const answer = await crm.send(method, path, body, headers);
      expect(answer).toMatchObject({
        status: 401,
        body: { success: false, error: 'unauthorized', message: 'The x-api-key header is missing or wrong.' },
      });
    }
    expect(await rowCounts()).toEqual(before);
  });

  test.each<[string, string, string, unknown, number, string | null]>([
    ['a body cut short', 'PATCH', '', '{"trigger": "form_su', 400, 'body'],
    ['no JSON', 'POST', '', 'trigger=manual', 400, 'body'],
    ['bytes that are no UTF-8', 'POST', '', new Uint8Array([0x7b, 0xff, 0x7d]), 400, 'body'],
    ['a list', 'POST', '', [], 400, 'body'],
    ['null', 'PATCH', '', 'null', 400, 'body'],
    ['no trigger', 'PATCH', '', {}, 400, 'trigger'],
    ['no body', 'PATCH', '', undefined, 400, 'trigger'],
    ['a number for a trigger', 'PATCH', '', { trigger: 1 }, 400, 'trigger'],
    ['an empty trigger', 'POST', '', { trigger: ' ' }, 400, 'trigger'],
    ['a trigger of two lines', 'POST', '', { trigger: 'a\nb' }, 400, 'trigger'],
    ['a trigger with a NUL', 'POST', '', { trigger: 'a\0b' }, 400, 'trigger'],
    ['a long trigger', 'POST', '', { trigger: 'x'.repeat(201) }, 400, 'trigger'],
    ['the trigger of restores', 'POST', '', { trigger: 'pre-restore' }, 400, 'trigger'],
    ['the trigger of restores, automated', 'PATCH', '', { trigger: 'pre-restore' }, 400, 'trigger'],
    ['an unknown field', 'POST', '', { trigger: 'x', typ: 'Auto' }, 400, 'typ'],
    ['a field of every object', 'POST', '', '{"__proto__": {"trigger": "x"}}', 400, '__proto__'],
    ['a large body', 'POST', '', { trigger: 'x'.repeat(20_000) }, 413, 'body'],
    ['an unknown parameter', 'GET', '?sort=id', undefined, 400, 'sort'],
    ['a parameter twice', 'GET', '?limit=1&limit=2', undefined, 400, 'limit'],
    ['a limit of none', 'GET', '?limit=0', undefined, 400, 'limit'],
    ['a high limit', 'GET', '?limit=1000', undefined, 400, 'limit'],
    ['SQL for an id', 'GET', '?before=1%20OR%201', undefined, 400, 'before'],
    ['a parameter of a backup', 'POST', '?dry=1', {}, 400, 'dry'],
    ['no confirmation', 'POST', '/1/restore', {}, 400, 'confirm'],
    ['a small confirmation', 'POST', '/1/restore', { confirm: 'restore' }, 400, 'confirm'],
    ['an id that is none', 'GET', '/0', undefined, 404, null],
    ['SQL in the path', 'GET', '/1;DROP', undefined, 404, null],
    ['another path', 'GET', '/1/data', undefined, 404, null],
    ['a backup that is not there', 'GET', '/4711', undefined, 404, null],
    ['a backup beyond all numbers', 'GET', '/999999999999999', undefined, 404, null],
    ['a restore of none', 'POST', '/4711/restore', { confirm: 'RESTORE' }, 404, null],
  ])('%s', async (_name, method, path, body, status, field) => {
    const before = await crm.sql('SELECT count(*) FROM backups');
    const answer = await crm.send(method, path, body);
    expect([answer.status, answer.body.field ?? null]).toEqual([status, field]);
    expect(await crm.sql('SELECT count(*) FROM backups')).toEqual(before);
  });

  test.each([
    ['DELETE', '', 'GET, POST, PATCH'],
    ['PUT', '', 'GET, POST, PATCH'],
    ['DELETE', '/1', 'GET'],
    ['GET', '/1/restore', 'POST'],
    ['PATCH', '/1/restore', 'POST'],
  ])('%s %s does not exist', async (method, path, allow) => {
    const answer = await crm.send(method, path);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
  });

  test('a body without a length that does not end', async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1024;
        controller.enqueue(new Uint8Array(1024).fill(0x20));
      },
    });
    const response = await crm.another(crm.pool)(
      new Request('http://crm.test/api/admin/backup', {
        method: 'POST',
        headers: { 'x-api-key': apiKey },
        body: endless,
        duplex: 'half',
      } as RequestInit),
    );
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(100_000);
  });

  test('too many requests, of one key only', async () => {
    let nowMs = 0;
    const other = 'another key that is as good as it';
    const handle = crm.another(crm.pool, { requestsPerMinute: 2, now: () => nowMs, apiKey: [apiKey, other] });
    const ask = (key: string) => sendTo(handle, 'GET', '', undefined, { 'x-api-key': key });
    expect([(await ask(apiKey)).status, (await ask(apiKey)).status]).toEqual([200, 200]);
    const third = await ask(apiKey);
    expect([third.status, third.headers.get('retry-after')]).toEqual([429, '30']);
    expect((await ask(other)).status).toBe(200);
    nowMs = 30_000;
    expect((await ask(apiKey)).status).toBe(200);
  });

  test.each([undefined, '', 'short', []])('without a usable key nobody gets in (%j)', async (key) => {
    const handle = crm.another(crm.pool, { apiKey: key as string | undefined });
    for (const given of ['', 'short', 'undefined', apiKey]) {
      const { status, body } = await sendTo(handle, 'GET', '', undefined, { 'x-api-key': given });
      expect([status, body.error]).toEqual([503, 'no_api_key']);
    }
  });

  test('refusals reach the log, without the key', async () => {
    crm.events.length = 0;
    await crm.send(
      'POST',
      '',
      {},
      { 'x-api-key': 'guess-of-a-secret', 'user-agent': 'curl\t8', 'x-forwarded-for': '10.1.2.3, 10.0.0.1' },
    );
    expect(crm.events).toEqual([
      expect.objectContaining({
        operation: 'request',
        outcome: 'refused',
        actor: 'curl 8',
        address: '10.1.2.3',
      }),
    ]);
    expect(JSON.stringify(crm.events)).not.toContain('guess');
  });
});

describe('the history', () => {
  test('lists, pages and counts', async () => {
    await using own = await openCrm();
    expect((await own.send('GET')).body).toMatchObject({
      backups: [],
      statistics: {
        count: 0,
        success_rate: null,
        failure_rate: null,
        last_complete: null,
        average_size_kb: null,
      },
    });
    for (const body of [{}, { trigger: 'second' }]) await own.send('POST', '', body);
    await own.send('PATCH', '', { trigger: 'cleanup' });
    await own.sql('ALTER TABLE staff RENAME TO people');
    await own.send('PATCH', '', { trigger: 'cleanup' });
    const { body } = await own.send('GET', '?limit=3');
    expect(
      body.backups.map((each: { id: number; outcome: string; type: string }) => [
        each.id,
        each.outcome,
        each.type,
      ]),
    ).toEqual([
      [4, 'Failed', 'Auto'],
      [3, 'Success', 'Auto'],
      [2, 'Success', 'Manual'],
    ]);
    expect(body.backups[0]).not.toHaveProperty('data');
    expect(body.statistics).toMatchObject({
      count: 4,
      complete: 3,
      failed: 1,
      success_rate: 0.75,
      failure_rate: 0.25,
      total_size_kb: 3,
      average_size_kb: 1,
      largest_size_kb: 1,
      by_type: { Auto: 2, Manual: 2, 'Pre-restore': 0 },
      last: { Auto: { id: 4, status: false }, Manual: { id: 2, status: true }, 'Pre-restore': null },
      last_complete: { id: 3 },
      last_failed: { id: 4 },
    });
    expect(
      (await own.send('GET', '?limit=3&before=2')).body.backups.map(({ id }: { id: number }) => id),
    ).toEqual([1]);
    expect(await own.send('GET', '/4')).toMatchObject({ status: 409, body: { error: 'no_data' } });
    const audit = await own.sql(
      'SELECT operation, outcome, backup_id::int AS id, detail FROM backup_audit ORDER BY id',
    );
    expect(audit).toContainEqual({
      operation: 'backup',
      outcome: 'failed',
      id: 4,
      detail: expect.stringContaining('no table public.staff'),
    });
    expect(audit.filter(({ operation }) => operation === 'list')).toHaveLength(3);
  });
});
