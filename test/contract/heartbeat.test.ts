import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heartbeatOf } from '../../src/notify/addresses.ts';
import { ping } from '../../src/notify/heartbeat.ts';
import { post } from '../../src/notify/post.ts';
import { withHeartbeat } from '../../src/notify/with-heartbeat.ts';
import { alertDeps } from '../support/alerts.ts';
import { failing } from '../support/fault-server.ts';
import { type Listener, startListener } from '../support/listener.ts';
import { failureOf } from '../support/pieces.ts';

let service: Listener;
let address: string;
beforeEach(async () => {
  service = await startListener();
  address = `${service.url}/5up3r-s3cr3t`;
});
afterEach(() => service.close());

const outside = { sleep: async () => {}, timeoutMs: 300 };
const paths = () => service.received.map(({ path }) => path.replace('/5up3r-s3cr3t', ''));

function around(isGood = () => true) {
  const desk = alertDeps();
  const run = <T>(work: () => Promise<T>, where: (() => string) | null = () => address) =>
    withHeartbeat(desk.deps, { database: 'crm', address: where, isGood, outside }, work);
  return { ...desk, run };
}
const events = (records: ReturnType<typeof around>['records']) =>
  records.map(({ outcome, result }) => [outcome, (result as { event: string }).event]);

describe('a heartbeat', () => {
  test('says start and success with one run id, and is recorded', async () => {
    const { run, records } = around();
    expect(await run(async () => 'done')).toBe('done');
    expect(paths()).toEqual(['/start', '']);
    const ids = service.received.map(({ query }) => new URLSearchParams(query).get('rid'));
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids[1]).toBe(ids[0]);
    expect(events(records)).toEqual([
      ['succeeded', 'start'],
      ['succeeded', 'success'],
    ]);
  });

  test('says fail, and the failure goes on its way', async () => {
    const { run } = around();
    const failure = new Error('the disk is full');
    expect(await failureOf(run(() => Promise.reject(failure)))).toBe(failure);
    expect(paths()).toEqual(['/start', '/fail']);
  });

  test('says fail of a result that does not count, which stays a result', async () => {
    const { run } = around(() => false);
    expect(await run(async () => 'quarantined')).toBe('quarantined');
    expect(paths()).toEqual(['/start', '/fail']);
  });

  test('that is dead neither holds the work up nor makes it fail', async () => {
    const { run, records, warnings } = around();
    service.fault = () => ({ kind: 'hang' });
    let startedAfterMs = Number.POSITIVE_INFINITY;
    const before = performance.now();
    const work = async () => {
      startedAfterMs = performance.now() - before;
      return 'done';
    };
    expect(await run(work)).toBe('done');
    expect(startedAfterMs).toBeLessThan(outside.timeoutMs);
    expect(service.requests).toHaveLength(6);
    expect(events(records)).toEqual([
      ['failed', 'start'],
      ['failed', 'success'],
    ]);
    expect(JSON.stringify([records, warnings])).not.toMatch(/5up3r|127\.0\.0\.1/);
  });

  test('without its secret is recorded as not sent', async () => {
    const alerts = { issue: true, 'heartbeat-url': '${HEARTBEAT_URL}' };
    const { run, records } = around();
    expect(await run(async () => 'done', heartbeatOf({ alerts }, 'crm', {}))).toBe('done');
    expect(records[0]).toMatchObject({ outcome: 'failed', errorKind: 'ConfigError' });
  });

  test('has an address for each database, when it says so', () => {
    const alerts = { issue: true, 'heartbeat-url': '${HEARTBEAT_URL}' };
    const env = { HEARTBEAT_URL: 'https://hc-ping.com/key/{database}' };
    expect(heartbeatOf({ alerts }, 'crm', env)!()).toBe('https://hc-ping.com/key/crm');
    expect(heartbeatOf({ alerts: { issue: true } }, 'crm', env)).toBeNull();
  });

  test('keeps what else is in the address', async () => {
    await ping(`${address}/?create=1`, 'fail', null, outside);
    expect(service.received).toMatchObject([{ path: '/5up3r-s3cr3t/fail', query: 'create=1' }]);
  });

  test('for a check that does not exist is a failure, although the service says 200', async () => {
    service.answer = 'OK (not found)';
    expect(await failureOf(ping(address, 'success', null, outside))).toMatchObject({
      publicReason: 'the heartbeat could not be told: there is no such check',
    });
  });
});

describe('a message to the outside', () => {
  const message = { body: '{}', contentType: 'application/json' };
  const send = (to = address) => post('the webhook', to, message, outside);

  test.each([
    ['reset', { kind: 'reset' } as const],
    ['a server error', { kind: 'status', status: 502 } as const],
    ['too many requests', { kind: 'status', status: 429 } as const],
    ['silence', { kind: 'hang' } as const],
  ])('is sent again after %s', async (_, fault) => {
    service.fault = failing(2, 'POST /', fault);
    expect(await send()).toBe('ok');
    expect(service.requests).toHaveLength(3);
  });

  test('is not sent again where it is not wanted', async () => {
    service.fault = () => ({ kind: 'status', status: 404 });
    expect(await failureOf(send())).toMatchObject({ name: 'ConfigError' });
    expect(service.requests).toHaveLength(1);
  });

  test('follows no redirect: the address holds a token', async () => {
    const elsewhere = await startListener();
    service.fault = () => ({ kind: 'status', status: 302, headers: { location: `${elsewhere.url}/` } });
    expect(await failureOf(send())).toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('redirect'),
    });
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  test.each(['', 'hooks.example.com/abc', 'file:///etc/passwd'])('to %j is refused', async (to) => {
    const failure = await failureOf(send(to));
    expect(failure).toMatchObject({ name: 'ConfigError' });
    if (to) expect(failure.message).not.toContain(to);
  });

  test('reads no endless answer', async () => {
    service.answer = 'x'.repeat(5_000_000);
    expect(await send()).toHaveLength(1000);
  });
});
