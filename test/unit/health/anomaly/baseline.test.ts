import { expect, test } from 'vitest';
import { baselineOf } from '../../../../src/health/anomaly/baseline.ts';
import type { PastBackup } from '../../../../src/health/anomaly/history.ts';
import { judge } from '../../../../src/health/anomaly/judge.ts';
import { anomalyPolicy, measured, past, stillDays, totals } from '../../../support/measured.ts';

const ids = (history: PastBackup[]) => baselineOf(measured(0), history, anomalyPolicy).map((each) => each.id);
const only = (...days: number[]) => days.map((day) => measured(day).id);

test('the last fourteen of the last thirty days, in time', () => {
  expect(ids(stillDays(20).toReversed())).toEqual(stillDays(14).map((each) => each.id));
  expect(ids([past(-40), past(-35), past(-29), past(-2)])).toEqual(only(-29, -2));
});

test('after a long pause, the last one', () => {
  expect(ids([past(-90), past(-80)])).toEqual(only(-80));
});

test('not those of another kind, failed ones, unusual ones or later ones', () => {
  const history = [
    past(-6),
    past(-5, { kind: 'postgres clear format 1' }),
    past(-4, { good: false }),
    past(-3, { verdict: 'warning' }),
    past(-2, { verdict: 'quarantine', good: false }),
    past(1),
  ];
  expect(ids(history)).toEqual(only(-6));
});

test('an accepted one begins a level of its own', () => {
  const accepted = past(-2, { verdict: 'quarantine', accepted: true });
  expect(ids([...stillDays(14).slice(0, 12), accepted, past(-1)])).toEqual(only(-2, -1));
});

const low = totals(19_000);
const flagged = (day: number, changes: Partial<PastBackup> = low) =>
  past(day, { verdict: 'warning', ...changes });
const before = stillDays(14).slice(0, 8);

test('three unusual ones that are alike are the new level; two are not', () => {
  expect(ids([...before, flagged(-2), flagged(-1)])).toEqual(before.map((each) => each.id));
  expect(ids([...before, flagged(-3), flagged(-2), flagged(-1)])).toEqual(only(-3, -2, -1));
  const apart = [flagged(-3), flagged(-2, totals(14_000)), flagged(-1)];
  expect(ids([...before, ...apart])).toEqual(before.map((each) => each.id));
});

test('a step down warns three times, then no more', () => {
  let history = Array.from({ length: 14 }, (_, index) => past(index - 24));
  const verdicts: string[] = [];
  for (let day = -10; day < 0; day += 1) {
    const { verdict } = judge(measured(day, low), history, anomalyPolicy);
    verdicts.push(verdict);
    history = [...history, past(day, { ...low, verdict })];
  }
  expect(verdicts).toEqual([
    ...Array(3).fill('warning'),
    ...Array(4).fill('learning'),
    ...Array(3).fill('usual'),
  ]);
});

test('quarantine is never lifted by waiting', () => {
  const tiny = totals(2000);
  let history = Array.from({ length: 14 }, (_, index) => past(index - 24));
  for (let day = -10; day < 0; day += 1) {
    const { verdict } = judge(measured(day, tiny), history, anomalyPolicy);
    expect(verdict).toBe('quarantine');
    history = [...history, past(day, { ...tiny, verdict, good: false })];
  }
});
