import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KeptRow, planRetention } from '../../../src/crm/retention.ts';

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 22);
const usual = { keepLast: 20, retentionDays: 30 };

/** Rows of one kind, the first made `firstDaysAgo`, then one every `everyDays` back. */
function rows(
  count: number,
  of: Partial<KeptRow>,
  firstDaysAgo: number,
  everyDays: number,
  firstId = 1000,
): KeptRow[] {
  return Array.from({ length: count }, (_, place) => ({
    id: String(firstId - place),
    type: 'Auto',
    isSuccess: true,
    createdMs: nowMs - (firstDaysAgo + place * everyDays) * dayMs,
    ...of,
  }));
}

describe('when the two rules disagree, the one that keeps more holds', () => {
  test.each<[string, KeptRow[], number]>([
    ['25 within 30 days', rows(25, {}, 0, 1), 0],
    ['40 of one a day: the last 30 days', rows(40, {}, 0.5, 1), 10],
    ['25 of one a month: the last 20', rows(25, {}, 0, 30), 5],
    ['20, all old', rows(20, {}, 400, 1), 0],
    ['100 in one day', rows(100, {}, 0, 0.01), 0],
    [
      'failures and restores apart',
      [
        ...rows(25, {}, 31, 1),
        ...rows(25, { isSuccess: false }, 31, 1, 900),
        ...rows(25, { type: 'Pre-restore' }, 31, 1, 800),
      ],
      15,
    ],
    ['none', [], 0],
  ])('%s', (_name, given, removed) => {
    expect(planRetention(given, usual, nowMs)).toHaveLength(removed);
  });
});

test('a month of failures pushes no good backup out', () => {
  const good = rows(3, {}, 200, 1, 10);
  const removed = planRetention([...rows(500, { isSuccess: false }, 0, 1), ...good], usual, nowMs);
  expect(removed).not.toContain('10');
  expect(removed).toHaveLength(500 - 31);
});

test('the newest complete one stays, even if nothing is to be kept', () => {
  const given = [...rows(3, {}, 100, 1, 10), ...rows(2, { isSuccess: false }, 50, 1, 20)];
  expect(planRetention(given, { keepLast: 0, retentionDays: 0 }, nowMs).sort()).toEqual([
    '19',
    '20',
    '8',
    '9',
  ]);
});

test('of two at the same moment the higher number is the newer', () => {
  const given = rows(3, { createdMs: 0 }, 0, 0, 10);
  expect(planRetention(given, { keepLast: 1, retentionDays: 0 }, nowMs).sort()).toEqual(['8', '9']);
});

const anyRow = fc.record({
  type: fc.constantFrom('Auto' as const, 'Manual' as const, 'Pre-restore' as const),
  isSuccess: fc.boolean(),
  createdMs: fc.option(fc.integer({ min: nowMs - 90 * dayMs, max: nowMs + dayMs }), { nil: null }),
});
const anyRows = fc
  .array(anyRow, { maxLength: 80 })
  .map((all) => all.map((row, place): KeptRow => ({ id: String(place + 1), ...row })));
const anyPolicy = fc.record({ keepLast: fc.nat(25), retentionDays: fc.nat(60) });

test('whatever the rows and the policy', () => {
  fc.assert(
    fc.property(anyRows, anyPolicy, (given, policy) => {
      const removed = new Set(planRetention(given, policy, nowMs));
      const groupOf = (row: KeptRow) => (row.isSuccess ? String(row.type === 'Pre-restore') : 'failed');
      for (const row of given) {
        if (!removed.has(row.id)) continue;
        // Nothing undated, nothing young, and never one of the newest of its kind.
        expect(row.createdMs).not.toBe(null);
        expect(nowMs - row.createdMs!).toBeGreaterThan(policy.retentionDays * dayMs);
        const newer = given.filter(
          (other) =>
            groupOf(other) === groupOf(row) && other.createdMs !== null && other.createdMs >= row.createdMs!,
        );
        expect(newer.length).toBeGreaterThan(policy.keepLast);
      }
      const complete = given.filter(({ isSuccess, createdMs }) => isSuccess && createdMs !== null);
      const newestMs = Math.max(...complete.map(({ createdMs }) => createdMs!));
      if (complete.length > 0)
        expect(complete.some((row) => row.createdMs === newestMs && !removed.has(row.id))).toBe(true);
      // Asked again about what is left, it removes nothing more.
      expect(
        planRetention(
          given.filter(({ id }) => !removed.has(id)),
          policy,
          nowMs,
        ),
      ).toEqual([]);
    }),
  );
});

test('what could go does go', () => {
  fc.assert(
    fc.property(anyRows, (given) => {
      const removed = planRetention(given, { keepLast: 1, retentionDays: 0 }, nowMs);
      const left = given.filter(
        ({ id, createdMs }) => !removed.includes(id) && createdMs !== null && createdMs < nowMs,
      );
      expect(left.length).toBeLessThanOrEqual(3);
    }),
  );
});
