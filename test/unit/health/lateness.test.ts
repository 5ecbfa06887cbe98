import { expect, test } from 'vitest';
import { latenessOf, nextRunDue } from '../../../src/health/lateness.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { backup, dayMs, hourMs, iso, noon, verify } from '../../support/status-fixture.ts';

const startedLate = (at: number, lateMs: number): LedgerRecord => ({
  ...backup(at),
  startedAt: iso(at + lateMs),
});
const daily = (days: number[], lateMs = 0) => days.map((day) => startedLate(noon - day * dayMs, lateMs));

test('lateness is from intended to started; median and worst of those since', () => {
  const records = [
    startedLate(noon - 100 * dayMs, 9 * hourMs),
    startedLate(noon - 3 * dayMs, 10 * 60_000),
    startedLate(noon - 2 * dayMs, 4 * hourMs),
    startedLate(noon - dayMs, 20 * 60_000),
  ];
  expect(latenessOf(records, noon - 90 * dayMs)).toEqual({
    runs: [
      { at: iso(noon - 3 * dayMs), lateMs: 600_000 },
      { at: iso(noon - 2 * dayMs), lateMs: 4 * hourMs },
      { at: iso(noon - dayMs), lateMs: 1_200_000 },
    ],
    medianMs: 1_200_000,
    worstMs: 4 * hourMs,
  });
});

test('what a person started, and what is no backup, was never late', () => {
  const made = backup(noon, { trigger: 'manual' });
  expect(latenessOf([made, verify(noon, made)], 0)).toBeNull();
});

test('a start before its time, by a clock that is off, is not negative lateness', () => {
  expect(latenessOf([startedLate(noon, -5_000)], 0)!.worstMs).toBe(0);
});

test('the next run is one usual distance after the last intended time', () => {
  expect(nextRunDue(daily([4, 3, 2, 1]))).toBe(iso(noon));
  // A dropped run doubles one distance, not the rhythm.
  expect(nextRunDue(daily([6, 5, 3, 2, 1]))).toBe(iso(noon));
  // How late they started says nothing about the schedule.
  expect(nextRunDue(daily([3, 2, 1], 5 * hourMs))).toBe(iso(noon));
});

test('too few runs have no rhythm, and a repeated attempt is not another run', () => {
  expect(nextRunDue([])).toBeNull();
  expect(nextRunDue(daily([2, 1]))).toBeNull();
  expect(nextRunDue(daily([2, 1, 1]))).toBeNull();
});
