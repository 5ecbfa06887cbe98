import { expect, test } from 'vitest';
import { anomalyPolicySchema } from '../../../src/health/anomaly/policy.ts';
import { fixedMinimum, holdfast, percentAgainstYesterday } from '../../support/anomaly-simulation/methods.ts';
import { type Measurement, simulate } from '../../support/anomaly-simulation/simulate.ts';

/** A small part of what `npm run bench:anomalies` measures, which chose the thresholds: docs/anomalies.md. */

const policy = anomalyPolicySchema.parse({});
const extent = { databases: 3, years: 1, seed: 11 };
const [ours, yesterday, minimum] = simulate(
  [holdfast(policy), percentAgainstYesterday(10), fixedMinimum()],
  extent,
) as [Measurement, Measurement, Measurement];

test('at most one false alarm a year, of any way to grow, and none that holds a backup back', () => {
  for (const [workload, alarms] of Object.entries(ours.falseAlarms))
    expect(alarms, workload).toBeLessThanOrEqual(1);
  expect(Object.values(ours.falseQuarantines)).toEqual([0, 0, 0, 0, 0]);
});

test.each([
  ['a table truncated', 1, 1],
  ['a table dropped', 1, 1],
  ['half of all rows lost', 1, 0.95],
  ['six tenths of one of the main tables lost', 0.95, 0],
  ['a fifth of all rows lost', 0.95, 0],
  ['text in another encoding (16 bits)', 0.95, 0],
  ['text encoded twice (every tenth letter)', 0.9, 0],
  ['contents encrypted in place', 0.95, 0],
  ['all tables empty', 1, 1],
  ['no tables', 1, 1],
  ['one store’s file short', 1, 1],
])('%s: detected on the day', (accident, detected, quarantined) => {
  expect(ours.detected[accident]).toBeGreaterThanOrEqual(detected);
  expect(ours.quarantined[accident]).toBeGreaterThanOrEqual(quarantined);
});

test('what other tools do finds less, or alarms more often', () => {
  expect(yesterday.falseAlarms.bursts).toBeGreaterThan(1);
  expect(yesterday.detected['a table truncated']).toBeLessThan(0.6);
  expect(minimum.detected['half of all rows lost']).toBeLessThan(0.5);
});

test('with thresholds that are too wide it finds as little: the simulation can tell', () => {
  const wide = { ...policy, shrink: 0.9, quarantineShrink: 0.95, ratioChange: 0.9, growth: 10 };
  const [blunt] = simulate([holdfast(wide, { withTables: false })], { ...extent, databases: 1 });
  expect(blunt!.detected['half of all rows lost']).toBeLessThan(0.1);
});
