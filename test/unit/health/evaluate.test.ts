import { describe, expect, test } from 'vitest';
import { evaluate, type Reason } from '../../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../../src/health/facts.ts';
import { withOverrides } from '../../../src/health/policy.ts';
import { dayMs, goodFacts, hourMs, iso, noon, policy } from '../../support/status-fixture.ts';

const snapshot = Date.parse(goodFacts().newestGood!.snapshotAt);
const judge = (changes: Partial<DatabaseFacts> = {}, now = noon) =>
  evaluate([goodFacts(changes)], policy, now);
const codes = (reasons: readonly Reason[]) => reasons.map((reason) => `${reason.state} ${reason.code}`);

test('a database with everything in time is Good, until its backup runs late', () => {
  expect(judge()).toMatchObject({
    state: 'good',
    reasons: [],
    at: iso(noon),
    validUntil: iso(snapshot + 20 * hourMs),
    databases: [{ database: 'crm', state: 'good' }],
  });
});

describe('time alone', () => {
  test.each([
    ['20 hours', 20 * hourMs, 'good', []],
    ['20 hours and a millisecond', 20 * hourMs + 1, 'warning', ['warning backup-late']],
    ['24 hours', 24 * hourMs, 'warning', ['warning backup-late']],
    ['24 hours and a millisecond', 24 * hourMs + 1, 'critical', ['critical backup-too-old']],
  ])('a snapshot %s old', (_, age, state, expected) => {
    const health = judge({}, snapshot + age);
    expect(health.state).toBe(state);
    expect(codes(health.reasons)).toEqual(expected);
  });

  test('a reason says since when: from its deadline on', () => {
    expect(judge({}, snapshot + 23 * hourMs).reasons[0]?.since).toBe(iso(snapshot + 20 * hourMs));
    expect(judge({}, snapshot + 90 * hourMs).reasons[0]?.since).toBe(iso(snapshot + 24 * hourMs));
  });

  test('a restore test is overdue after 35 days, to the millisecond', () => {
    const lastRestoreTest = { ...goodFacts().lastRestoreTest!, at: iso(noon - 35 * dayMs) };
    expect(judge({ lastRestoreTest }).state).toBe('good');
    expect(judge({ lastRestoreTest }).validUntil).toBe(iso(noon));
    const later = judge({ lastRestoreTest }, noon + 1);
    expect(codes(later.reasons)).toEqual(['warning restore-test-overdue']);
    expect(later.reasons[0]?.since).toBe(iso(noon));
  });

  test('verification is overdue after 8 days, to the millisecond', () => {
    const lastReadableAt = iso(noon - 8 * dayMs);
    expect(judge({ lastReadableAt }).state).toBe('good');
    expect(codes(judge({ lastReadableAt }, noon + 1).reasons)).toEqual(['warning verify-overdue']);
  });

  test('where nothing was ever read back, the 8 days run from the first backup', () => {
    const never = { lastReadableAt: null, lastVerified: null };
    expect(judge({ ...never, firstGoodAt: iso(noon - 8 * dayMs) }).state).toBe('good');
    expect(codes(judge({ ...never, firstGoodAt: iso(noon - 8 * dayMs - 1) }).reasons)).toEqual([
      'warning verify-overdue',
    ]);
  });

  test('a policy whose late comes after critical never promises a change at late', () => {
    const odd = { ...policy, lateAfterHours: 48 };
    const early = evaluate([goodFacts()], odd, noon);
    expect(early.validUntil).toBe(iso(snapshot + 24 * hourMs));
    const late = evaluate([goodFacts()], odd, snapshot + 25 * hourMs);
    expect(late.validUntil).toBe(iso(Date.parse(goodFacts().lastReadableAt!) + 8 * dayMs));
  });
});

describe('reasons that events bring', () => {
  const brief = { at: iso(noon - hourMs), outcome: 'failed' as const, reason: 'the store is down' };
  const unusual: NonNullable<DatabaseFacts['unusual']> = {
    backupId: 'crm-20261122T020000Z-k7qa',
    verdict: 'quarantine',
    what: 'The database has no tables.',
    schemaChanged: true,
    since: brief.at,
  };
  test.each<[string, Partial<DatabaseFacts>, string]>([
    ['no backup at all', { newestGood: null, firstGoodAt: null }, 'critical no-good-backup'],
    ['a failed attempt', { lastAttempt: brief }, 'warning attempt-failed'],
    ['a store behind', { storesBehind: [{ store: 'bucket', since: brief.at }] }, 'warning store-behind'],
    ['no restore test', { lastRestoreTest: null }, 'warning restore-test-never'],
    [
      'a failed restore test',
      { lastRestoreTest: { ...brief, backupId: null } },
      'critical restore-test-failed',
    ],
    [
      'a restore test that could not run',
      { restoreTestNotRun: { at: brief.at, reason: brief.reason } },
      'warning restore-test-not-run',
    ],
    ['a failed verification', { lastVerified: brief }, 'warning verify-failed'],
    ['an unusual backup', { unusual: { ...unusual, verdict: 'warning' } }, 'warning anomaly'],
    ['a quarantined backup', { unusual }, 'warning quarantine'],
    ['a backup inside the database only', { notOffSiteSince: brief.at }, 'warning not-off-site'],
    [
      'records of a time to come',
      { futureDated: { records: 2, latest: iso(noon + dayMs) } },
      'warning future-dated',
    ],
  ])('%s', (_, changes, expected) => {
    const health = judge(changes);
    expect(codes(health.reasons)).toContain(expected);
    expect(health.state).toBe(expected.split(' ')[0]);
    for (const reason of health.reasons) expect(reason.text).toMatch(/^[A-Z].*\.$/);
  });

  test('a quarantine says what was found, what changed with it, and what follows', () => {
    expect(judge({ unusual }).reasons[0]?.text).toBe(
      'The newest backup is unusual: The database has no tables. The schema changed too. It does not count as good until somebody accepts it.',
    );
  });

  test('the public reason of a failure is repeated', () => {
    expect(judge({ lastAttempt: brief }).reasons[0]?.text).toBe(
      'The last backup attempt failed: the store is down.',
    );
  });
});

describe('unknown is never green', () => {
  test('no facts', () => {
    const health = evaluate([], policy, noon);
    expect(health).toMatchObject({ state: 'critical', validUntil: null, databases: [] });
    expect(codes(health.reasons)).toEqual(['critical no-data']);
  });

  test('a database without any record', () => {
    const nothing: DatabaseFacts = {
      database: 'crm',
      newestGood: null,
      firstGoodAt: null,
      lastAttempt: null,
      storesBehind: [],
      lastRestoreTest: null,
      restoreTestNotRun: null,
      lastVerified: null,
      lastReadableAt: null,
      unusual: null,
      notOffSiteSince: null,
      futureDated: null,
    };
    const health = evaluate([nothing], policy, noon);
    expect(health).toMatchObject({ state: 'critical', validUntil: null });
    expect(evaluate([goodFacts(), { ...nothing, database: 'new' }], policy, noon).state).toBe('critical');
  });

  test.each<[string, Partial<DatabaseFacts>]>([
    ['snapshot', { newestGood: { ...goodFacts().newestGood!, snapshotAt: iso(noon + hourMs + 1) } }],
    ['restore test', { lastRestoreTest: { ...goodFacts().lastRestoreTest!, at: iso(noon + 2 * hourMs) } }],
    ['verification', { lastReadableAt: iso(noon + 2 * hourMs) }],
  ])('a %s dated in the future', (_, changes) => {
    expect(codes(judge(changes).reasons)).toEqual(['critical no-data']);
  });

  test('clocks may differ by an hour', () => {
    const newestGood = { ...goodFacts().newestGood!, snapshotAt: iso(noon + hourMs) };
    expect(judge({ newestGood }).state).toBe('good');
  });
});

test('a database may have thresholds of its own', () => {
  const patient = withOverrides(policy, {
    crm: { criticalAfterHours: 48, lateAfterHours: undefined },
    other: undefined,
  });
  expect(patient.databases).toEqual({ crm: { ...policy, criticalAfterHours: 48 } });
  const later = snapshot + 30 * hourMs;
  expect(evaluate([goodFacts()], patient, later).state).toBe('warning');
  expect(evaluate([goodFacts({ database: 'billing' })], patient, later).state).toBe('critical');
  expect(withOverrides(patient, { crm: {} })).toEqual(policy);
});

test('the gravest reason comes first, and the worst database sets the state', () => {
  const late = goodFacts({ database: 'late', lastAttempt: null, lastRestoreTest: null });
  const broken = goodFacts({ database: 'broken', newestGood: null });
  const health = evaluate([late, broken, goodFacts()], policy, noon);
  expect(health.state).toBe('critical');
  expect(health.databases.map((each) => each.state)).toEqual(['warning', 'critical', 'good']);
  expect(health.reasons.map((reason) => reason.database)).toEqual(['broken', 'late']);
});
