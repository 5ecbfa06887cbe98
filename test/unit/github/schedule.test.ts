import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { duration } from '../../../src/config/duration.ts';
import { lastScheduled } from '../../../src/github/schedule.ts';
import { ConfigError } from '../../../src/lib/errors.ts';
import { simulateSchedule } from '../../support/schedule-simulation.ts';

const workflowFile = new URL('../../../.github/workflows/backup.yml', import.meta.url);
const hourMs = 3_600_000;

/** The hours of a day at which a cron expression fires. */
function hoursOf(cron: string): number[] {
  const day = Date.parse('2026-11-22T00:00:00Z');
  const minutes = Array.from({ length: 24 * 60 }, (_, minute) => day + minute * 60_000);
  return minutes.filter((at) => lastScheduled(cron, at) === at).map((at) => (at - day) / hourMs);
}

test('a day of healthy runs is not called Late or Critical, which a run a day could not hold', () => {
  const workflow = readFileSync(workflowFile, 'utf8');
  const [daily, ...catchUps] = parse(workflow).on.schedule.map(({ cron }: { cron: string }) => cron);
  expect(daily).toBe('0 2 * * *');
  const threshold = /schedule != '0 2 \* \* \*' && '(\w+)'/.exec(workflow)?.[1];
  const schedule = {
    daily: 2,
    catchUps: catchUps.flatMap(hoursOf),
    olderThanHours: duration.parse(threshold) / hourMs,
  };
  const chance = { drops: 0.1, years: 100, seed: 7 };
  const with_ = simulateSchedule(schedule, chance);
  const without = simulateSchedule({ ...schedule, catchUps: [] }, chance);
  expect(without.falseCriticals).toBeGreaterThan(100);
  expect(with_.falseWarnings).toBeLessThan(1);
  expect(with_.falseCriticals).toBeLessThan(0.1);
  // Even when every fifth run is dropped.
  expect(simulateSchedule(schedule, { ...chance, drops: 0.2 }).falseCriticals).toBeLessThan(0.5);
  expect(with_.backupsPerDay).toBeLessThan(4);
});

test('no schedule but the mission’s own begins at the hour, when GitHub is most crowded', () => {
  const crons = parse(readFileSync(workflowFile, 'utf8')).on.schedule.slice(1);
  expect(crons.length).toBeGreaterThan(0);
  for (const { cron } of crons) expect(['0', '30', '15', '45']).not.toContain(cron.split(' ')[0]);
});

test.each([
  ['0 2 * * *', '2026-11-22T05:33:10Z', '2026-11-22T02:00:00.000Z'],
  ['0 2 * * *', '2026-11-22T02:00:00Z', '2026-11-22T02:00:00.000Z'],
  ['0 2 * * *', '2026-11-22T01:59:59Z', '2026-11-21T02:00:00.000Z'],
  ['23 1-23/2 * * *', '2026-11-22T05:33:10Z', '2026-11-22T05:23:00.000Z'],
  ['17 */6 * * *', '2026-11-22T05:33:10Z', '2026-11-22T00:17:00.000Z'],
  ['0 3 * * 1', '2026-11-22T05:33:10Z', '2026-11-16T03:00:00.000Z'],
  ['0 3 15,20 * *', '2026-11-22T05:33:10Z', '2026-11-20T03:00:00.000Z'],
  // With both a day and a weekday given, either will do.
  ['0 3 15 * 5', '2026-11-22T05:33:10Z', '2026-11-20T03:00:00.000Z'],
])('%s before %s was meant for %s', (cron, before, expected) => {
  expect(new Date(lastScheduled(cron, Date.parse(before))!).toISOString()).toBe(expected);
});

test('a time longer ago than any delay is none', () => {
  expect(lastScheduled('0 3 1 1 *', Date.parse('2026-11-22T05:33:10Z'))).toBeNull();
});

test.each(['', '* * *', '60 * * * *', 'a * * * *', '*/0 * * * *', '5-1 * * * *', '@daily'])(
  'the expression %j is refused',
  (cron) => {
    expect(() => lastScheduled(cron, 0)).toThrow(ConfigError);
  },
);
