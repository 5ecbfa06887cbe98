import { expect, test } from 'vitest';
import { anomalyPolicySchema } from '../../../src/health/anomaly/policy.ts';
import { backupsOf } from '../../../src/health/backups.ts';
import { deadlinesOf } from '../../../src/health/deadlines.ts';
import { holdingsOf } from '../../../src/health/holdings.ts';
import { seriesOf } from '../../../src/health/series.ts';
import { life, threeYears } from '../../site/long-ledgers.ts';
import {
  backup,
  dayMs,
  goodFacts,
  hourMs,
  iso,
  noon,
  policy,
  restoreTest,
  verify,
} from '../../support/status-fixture.ts';

const anomalies = anomalyPolicySchema.parse({});
const inDays = (days: number, count = 400) => ({ fromMs: noon - days * dayMs, count });

test('the band is what the rule lets pass: what was flagged is outside of it, what was not is inside', () => {
  const records = life({ database: 'crm', days: 60, oddOn: { 10: 0.7, 20: 1.7 } });
  const { points, band } = seriesOf(records, 'crm', anomalies, noon, inDays(30));
  expect(points.filter((each) => each.verdict === 'warning')).toHaveLength(2);
  expect(band).toHaveLength(points.length);
  for (const [index, { sizeBytes, verdict, at }] of points.entries()) {
    const { lowBytes, highBytes, at: bandAt } = band[index]!;
    expect(bandAt).toBe(at);
    expect(sizeBytes >= lowBytes && sizeBytes <= highBytes!).toBe(verdict !== 'warning');
  }
});

test('a first backup has nothing to be compared with', () => {
  const { points, band } = seriesOf([backup(noon - hourMs)], 'crm', anomalies, noon, inDays(90));
  expect(points).toHaveLength(1);
  expect(band).toEqual([]);
});

test('three years cost no more than what is shown; the newest is always among the band', () => {
  const { points, band } = seriesOf(threeYears(), 'crm', anomalies, noon, inDays(90, 200));
  expect(points).toHaveLength(200);
  expect(band.length).toBeLessThanOrEqual(45);
  expect(band.at(-1)!.at).toBe(points.at(-1)!.at);
});

test('a store is counted by its sound copies, and remembered when it holds none', () => {
  const [older, newer] = [backup(noon - 2 * dayMs), backup(noon - dayMs, { stores: ['bucket'] })];
  const records = [
    older,
    newer,
    verify(noon - 20 * hourMs, newer, { rung: 'intact' }),
    restoreTest(noon - 10 * hourMs, older),
    verify(noon - 5 * hourMs, older, {
      store: 'artifact',
      failed: { reason: 'damaged', errorKind: 'IntegrityError' },
    }),
  ];
  expect(holdingsOf(backupsOf(records), records)).toEqual([
    {
      store: 'bucket',
      kind: 's3',
      backups: 2,
      sizeBytes: older.result!.sizeBytes + newer.result!.sizeBytes,
      newestSnapshotAt: iso(noon - dayMs),
      lastChecked: { at: iso(noon - 10 * hourMs + 94_000), rung: 'restored' },
    },
    {
      store: 'artifact',
      kind: 'artifact',
      backups: 0,
      sizeBytes: 0,
      newestSnapshotAt: null,
      lastChecked: null,
    },
  ]);
});

test('deadlines of several databases are the first to come, each by its own thresholds', () => {
  const newest = (snapshotAt: string) => ({ ...goodFacts().newestGood!, snapshotAt });
  const facts = [
    goodFacts({ database: 'a', newestGood: newest(iso(noon - 2 * hourMs)) }),
    goodFacts({ database: 'b', newestGood: newest(iso(noon - 5 * hourMs)) }),
  ];
  expect(deadlinesOf(facts, policy)).toEqual({
    lastGoodAt: iso(noon - 5 * hourMs),
    lateAfter: iso(noon + 15 * hourMs),
    criticalAfter: iso(noon + 19 * hourMs),
  });
  const lax = { ...policy, databases: { b: { ...policy, lateAfterHours: 40, criticalAfterHours: 48 } } };
  expect(deadlinesOf(facts, lax).criticalAfter).toBe(iso(noon + 22 * hourMs));
});

test('one database without a good backup has no deadline left, and so have all', () => {
  const facts = [goodFacts(), goodFacts({ database: 'b', newestGood: null })];
  expect(deadlinesOf(facts, policy)).toEqual({ lastGoodAt: null, lateAfter: null, criticalAfter: null });
});
