import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AlertOptions, alert } from '../../src/alert.ts';
import { StoreError } from '../../src/lib/errors.ts';
import type { DatabaseHealth } from '../../src/notify/incident-text.ts';
import { alertDeps, overdue, placeOf, tooOld, verdict } from '../support/alerts.ts';
import { failing } from '../support/fault-server.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { type Listener, startListener } from '../support/listener.ts';
import { goodFacts } from '../support/status-fixture.ts';

/** The verb: what has changed, told by every configured channel, and recorded whatever comes of it. */

let github: FakeGithub;
let hook: Listener;
beforeEach(async () => {
  github = await startGithubApi();
  hook = await startListener();
});
afterEach(async () => {
  await github.close();
  await hook.close();
});

const token = 'T0KEN-of-the-hook';
const sleep = async () => {};
const healthOf = (...databases: DatabaseHealth[]) => ({ databases });

function desk(changes: Partial<AlertOptions> = {}) {
  const { deps, records, warnings } = alertDeps();
  const place = placeOf(github);
  const tell = (health: AlertOptions['health']) =>
    alert(deps, {
      health,
      facts: [goodFacts()],
      issues: async () => place,
      webhook: () => `${hook.url}/services/${token}`,
      siteUrl: 'https://acme.example/crm',
      outside: { sleep, timeoutMs: 1000 },
      ...changes,
    });
  return { deps, tell, records, warnings };
}
const texts = () => hook.received.map(({ body }) => JSON.parse(body).text as string);

describe('an alert', () => {
  test('tells each change once by each channel, and records it', async () => {
    const { tell, records, warnings } = desk();
    await tell(healthOf(verdict([])));
    expect(records).toEqual([]);
    await tell(healthOf(verdict([overdue])));
    await tell(healthOf(verdict([overdue])));
    await tell(healthOf(verdict([tooOld])));
    await tell(healthOf(verdict([])));
    await tell(healthOf(verdict([])));
    expect(texts().map((text) => text.split('\n')[0])).toEqual([
      ':warning: Backups of *crm*: *Warning*',
      ':x: Backups of *crm*: *Critical*',
      ':white_check_mark: Backups of *crm*: *Good*',
    ]);
    expect(texts()[1]).toContain('• Critical: No good backup for more than 24 hours.');
    expect(texts()[1]).toContain('Runbook: https://acme.example/crm/runbook/');
    const told = records.map(({ outcome, result }) => [outcome, result]);
    const url = 'https://github.com/acme/backups/issues/1';
    const rows = [
      ['opened', 'warning'],
      ['updated', 'critical'],
      ['closed', 'good'],
    ];
    expect(told).toEqual(
      rows.flatMap(([event, state]) => [
        ['succeeded', { channel: 'webhook', event, state, url: null }],
        ['succeeded', { channel: 'issue', event, state, url }],
      ]),
    );
    expect(warnings).toEqual([]);
  });

  test('of the same state with other reasons is one for the issue, and none for the webhook', async () => {
    const { tell } = desk();
    await tell(healthOf(verdict([overdue])));
    const other = { ...overdue, code: 'restore-test-never' as const, text: 'No restore test was ever done.' };
    expect(await tell(healthOf(verdict([other])))).toMatchObject([{ channel: 'issue', event: 'updated' }]);
    expect(hook.received).toHaveLength(1);
  });

  test('is about each database by itself', async () => {
    const { tell, records } = desk();
    await tell(healthOf(verdict([tooOld]), verdict([], 'shop')));
    await tell(healthOf(verdict([tooOld]), verdict([{ ...overdue, database: 'shop' }], 'shop')));
    expect(records.map(({ database }) => database)).toEqual(['crm', 'crm', 'shop', 'shop']);
  });

  test('goes only through the channels that are there', async () => {
    const { tell } = desk({ issues: null, webhook: null });
    expect(await tell(healthOf(verdict([tooOld])))).toEqual([]);
    expect([...github.requests, ...hook.requests]).toEqual([]);
  });

  test('finds the issue that the ledger knows, when its label was taken off', async () => {
    const { tell } = desk();
    await tell(healthOf(verdict([overdue])));
    github.repository.issues[0]!.labels = [];
    expect(await tell(healthOf(verdict([])))).toContainEqual(
      expect.objectContaining({ channel: 'issue', event: 'closed', problem: null }),
    );
    expect(github.repository.issues).toMatchObject([{ state: 'closed' }]);
  });
});

describe('an alert that cannot be sent', () => {
  test('is recorded, warned of without the address, and sent by the next run', async () => {
    const { tell, records, warnings } = desk();
    hook.fault = failing(3, 'POST /services', { kind: 'status', status: 503 });
    github.fault = () => ({ kind: 'status', status: 500 });
    const tried = await tell(healthOf(verdict([tooOld])));
    expect(tried.map(({ channel, problem }) => [channel, problem !== null])).toEqual([
      ['webhook', true],
      ['issue', true],
    ]);
    expect(records).toMatchObject([
      {
        outcome: 'failed',
        reason: 'the webhook could not be told: it answered with an error of its own',
        result: { channel: 'webhook', event: 'opened', state: 'critical', url: null },
      },
      { outcome: 'failed', reason: 'the issue could not be written: GitHub failed' },
    ]);
    expect(JSON.stringify([records, warnings])).not.toMatch(/T0KEN|127\.0\.0\.1/);
    github.fault = null;
    expect(await tell(healthOf(verdict([tooOld])))).toMatchObject([
      { channel: 'webhook', event: 'opened', problem: null },
      { channel: 'issue', event: 'opened', problem: null },
    ]);
  });

  test('keeps no other channel and no other database from its own', async () => {
    const { tell } = desk();
    hook.fault = () => ({ kind: 'reset' });
    const health = healthOf(verdict([tooOld]), verdict([{ ...tooOld, database: 'shop' }], 'shop'));
    expect((await tell(health)).map(({ channel, problem }) => [channel, problem === null])).toEqual([
      ['webhook', false],
      ['webhook', false],
      ['issue', true],
      ['issue', true],
    ]);
  });

  test('because its secret is not set, or there is no token, is a recorded failure too', async () => {
    const missing = () => {
      throw new StoreError('WEBHOOK_URL is not set.', { publicReason: 'a secret is not set' });
    };
    const { tell, records } = desk({ webhook: missing, issues: missing });
    await tell(healthOf(verdict([tooOld])));
    expect(records.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['failed', 'a secret is not set'],
      ['failed', 'a secret is not set'],
    ]);
  });

  test('while all is Good is no failure: there was nothing to say', async () => {
    const { tell, records, warnings } = desk();
    github.fault = () => ({ kind: 'status', status: 500 });
    expect(await tell(healthOf(verdict([])))).toEqual([]);
    expect(records).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('Nobody looked for an open issue')]);
  });

  test('throws nothing when the ledger takes no record, or cannot be read', async () => {
    const { deps, tell, warnings } = desk();
    deps.ledger.append = async () => {
      throw new StoreError('the ledger is full');
    };
    expect(await tell(healthOf(verdict([tooOld])))).toMatchObject([{ problem: null }, { problem: null }]);
    expect(warnings[0]).toBe('An alert was sent and could not be recorded: the ledger is full');
    deps.ledger.read = async () => {
      throw new StoreError('the ledger is gone');
    };
    expect(await tell(healthOf(verdict([tooOld])))).toEqual([]);
    expect(warnings.at(-1)).toContain('the ledger is gone');
  });
});
