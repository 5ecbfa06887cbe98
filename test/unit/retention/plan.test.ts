import { describe, expect, test } from 'vitest';
import { type Candidate, planRetention } from '../../../src/retention/plan.ts';
import type { RetentionPolicy } from '../../../src/retention/policy.ts';
import { candidate, daily, nothing, policyOf } from '../../support/retention.ts';
import { noon } from '../../support/status-fixture.ts';

const plan = (backups: Candidate[], policy: RetentionPolicy) => planRetention(backups, policy, noon);
const agesKept = (backups: Candidate[], policy: Partial<RetentionPolicy>) => {
  const kept = new Set(plan(backups, { ...nothing, ...policy }).keep.map(({ id }) => id));
  return backups.flatMap((each, age) => (kept.has(each.id) ? [age] : []));
};
const reasonFor = (backups: Candidate[], policy: RetentionPolicy, id: string) => {
  const { keep, delete: gone } = plan(backups, policy);
  return keep.find((each) => each.id === id)?.reasons ?? gone.find((each) => each.id === id)?.reason;
};

describe('each rule alone', () => {
  test.each<[string, Partial<RetentionPolicy>, number[]]>([
    ['nothing asked for still keeps the newest good', {}, [0]],
    ['keep-last', { keepLast: 3 }, [0, 1, 2]],
    ['keep-days', { keepDays: 4 }, [0, 1, 2, 3]],
    ['keep-daily', { keepDaily: 3 }, [0, 1, 2]],
    // Noon is that of Sunday 22 November 2026.
    ['keep-weekly', { keepWeekly: 3 }, [0, 7, 14]],
    ['keep-monthly', { keepMonthly: 3 }, [0, 22, 53]],
    ['keep-yearly', { keepYearly: 2 }, [0, 326]],
  ])('%s', (_, policy, ages) => {
    expect(agesKept(daily(400), policy)).toEqual(ages);
  });

  test('keep-verified keeps the newest that were proved, however old', () => {
    const backups = daily(100).map(
      (each, age) => ({ ...each, rung: age % 40 === 39 ? 'readable' : 'intact' }) as Candidate,
    );
    expect(agesKept(backups, { keepVerified: 3 })).toEqual([0, 39, 79]);
  });

  test('the newest that was restored in a test is kept under any policy', () => {
    const backups = daily(100).map(
      (each, age) => ({ ...each, rung: age >= 60 ? 'restored' : 'stored' }) as Candidate,
    );
    expect(agesKept(backups, {})).toEqual([0, 60]);
  });

  test('a hold keeps, and its reason is shown', () => {
    const backups = [...daily(3), candidate(300, { held: 'the auditors asked' })];
    expect(agesKept(backups, {})).toEqual([0, 3]);
    expect(reasonFor(backups, nothing, backups[3]!.id)).toEqual(['held: the auditors asked']);
  });
});

describe('periods', () => {
  test('only periods that have a backup count: a gap costs none', () => {
    expect(agesKept([candidate(0), candidate(100), candidate(200)], { keepDaily: 2 })).toEqual([0, 1]);
  });

  test('a day is one of UTC, and its newest stands for it', () => {
    const times = ['2026-11-22T00:00:00.000Z', '2026-11-21T23:59:59.000Z', '2026-11-21T00:00:00.000Z'];
    const backups = times.map((snapshotAt, index) => candidate(0, { id: `crm-${index}`, snapshotAt }));
    expect(agesKept(backups, { keepDaily: 2 })).toEqual([0, 1]);
  });

  test('a week is one, across the turn of a year too', () => {
    // Monday 28 December 2026 to Sunday 3 January 2027.
    const times = ['2027-01-04', '2027-01-03', '2026-12-28', '2026-12-27'];
    const backups = times.map((day) => candidate(0, { id: day, snapshotAt: `${day}T12:00:00.000Z` }));
    const { keep } = planRetention(
      backups,
      { ...nothing, keepWeekly: 3 },
      Date.parse('2027-01-05T00:00:00Z'),
    );
    expect(keep.map(({ id }) => id)).toEqual(['2027-01-04', '2027-01-03', '2026-12-27']);
  });
});

describe('what is not a good backup of the regular rhythm', () => {
  test('takes no place of one that is', () => {
    const backups = [
      candidate(1, { state: 'damaged' }),
      candidate(2, { state: 'quarantined' }),
      candidate(3, { trigger: 'pre-restore', rung: 'readable' }),
      ...[4, 5, 6].map((age) => candidate(age, { rung: 'readable' })),
    ];
    const kept = plan(backups, { ...nothing, keepLast: 2, keepVerified: 2 }).keep.map(({ id }) => id);
    for (const age of [4, 5]) expect(kept).toContain(candidate(age).id);
    expect(kept).not.toContain(candidate(6).id);
  });

  test('damaged ones stay until there is a newer good one, and as long as keep-days says', () => {
    const damaged = candidate(20, { state: 'damaged' });
    const reason = (others: Candidate[], keepDays: number) =>
      reasonFor([damaged, ...others], { ...nothing, keepDays }, damaged.id);
    expect(reason([candidate(21)], 0)).toEqual(['damaged, but there is no newer good backup']);
    expect(reason([], 0)).toEqual(['there is no good backup']);
    expect(reason([candidate(1)], 30)).toEqual(['younger than 30 days']);
    expect(reason([candidate(1)], 10)).toBe('damaged, older than 10 days, newer good backups exist');
  });

  test('quarantined ones stay a week at least, for somebody to look', () => {
    const backups = (age: number) => [candidate(0), candidate(age, { state: 'quarantined' })];
    expect(reasonFor(backups(6), nothing, candidate(6).id)).toEqual(['younger than 7 days']);
    expect(reasonFor(backups(8), nothing, candidate(8).id)).toContain('quarantined');
  });

  test.each(['pre-restore', 'restore-target'])(
    '%s ones follow keep-days, and stay a week at least',
    (trigger) => {
      const backups = (age: number) => [candidate(0), candidate(age, { trigger })];
      const policy = policyOf({ keepDays: 0 });
      expect(reasonFor(backups(6), policy, candidate(6).id)).toEqual(['younger than 7 days']);
      expect(reasonFor(backups(8), policy, candidate(8).id)).toBe(
        'taken around a restore, older than 7 days',
      );
      expect(reasonFor(backups(8), policyOf({ keepDays: 9 }), candidate(8).id)).toEqual([
        'younger than 9 days',
      ]);
    },
  );
});

test('the plan is shown newest first and deleted oldest first, with every reason', () => {
  const { keep, delete: gone } = plan(daily(5).reverse(), {
    ...nothing,
    keepLast: 2,
    keepDays: 1,
    keepDaily: 1,
  });
  expect(keep).toEqual([
    {
      id: candidate(0).id,
      reasons: ['the newest good backup', 'one of the last 2', 'younger than 1 day', 'the newest of its day'],
    },
    { id: candidate(1).id, reasons: ['one of the last 2'] },
  ]);
  expect(gone.map(({ id }) => id)).toEqual([4, 3, 2].map((age) => candidate(age).id));
  expect(gone[0]).toEqual({
    id: candidate(4).id,
    reason: 'older than 1 day, no rule keeps it',
    sizeBytes: 1000,
  });
});

test('no backups, no plan', () => {
  expect(plan([], policyOf())).toEqual({ keep: [], delete: [] });
});
