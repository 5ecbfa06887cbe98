import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/health/evaluate.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import { historyOf } from '../../../src/health/history.ts';
import { incidentsOf } from '../../../src/health/incidents.ts';
import { timelineOf } from '../../../src/health/timeline.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { fleet, life, threeYears } from '../../site/long-ledgers.ts';
import {
  backup,
  dayMs,
  goodMonth,
  hourMs,
  iso,
  noon,
  policy,
  restoreTest,
  verify,
} from '../../support/status-fixture.ts';

const failed = { reason: 'the store is down', errorKind: 'StoreError' as const };
const stretches = (records: readonly LedgerRecord[], now = noon) =>
  timelineOf(records, 'crm', policy, { fromMs: now - 366 * dayMs, toMs: now });
const incidents = (records: readonly LedgerRecord[], now = noon) =>
  incidentsOf(stretches(records, now), 'crm', records);
const days = (records: readonly LedgerRecord[], now = noon, count = 90) =>
  historyOf(stretches(records, now), now, count);

/** A database whose first hours bring all the proof there is, so that nothing but what a test adds is wrong. */
function proven(from: number): LedgerRecord[] {
  const first = backup(from);
  return [first, verify(from + 120_000, first), restoreTest(from + 240_000, first)];
}

test('without a record there is no stretch, and every day has no data', () => {
  expect(stretches([])).toEqual([]);
  expect(days([])).toEqual({
    firstDay: '2026-08-25',
    days: Array.from({ length: 90 }, () => null),
    spentMs: { good: 0, warning: 0, critical: 0 },
  });
});

test('stretches have no gap from the first record to the end', () => {
  const all = stretches(threeYears());
  expect(all.at(-1)!.toMs).toBe(noon);
  for (const [index, each] of all.slice(1).entries()) expect(each.fromMs).toBe(all[index]!.toMs);
});

test('a scheduler that died turns late, then Critical, with no record to tell of it', () => {
  const records = proven(noon - 48 * hourMs);
  const states = stretches(records).map(({ state, fromMs }) => [state, (fromMs - noon) / hourMs]);
  const since = 1 / hourMs;
  expect(states.slice(-2)).toEqual([
    ['warning', -28 + since],
    ['critical', -24 + since],
  ]);
});

test('days before the first record have none, and the worst state of a day is its state', () => {
  const midnight = Math.floor(noon / dayMs) * dayMs;
  const records = [
    ...proven(midnight - 3 * dayMs + hourMs),
    backup(midnight - 2 * dayMs + hourMs, { failed }),
    backup(midnight - 2 * dayMs + 2 * hourMs),
    backup(midnight - dayMs + hourMs),
    backup(midnight + hourMs / 2),
  ];
  // 25 hours pass before the second good backup, 23 and a half before the others.
  expect(days(records, noon, 6).days).toEqual([null, null, 'warning', 'critical', 'warning', 'warning']);
});

test('time spent adds up to the time in which anything was known', () => {
  const from = noon - 10 * dayMs;
  const { spentMs } = days(proven(from));
  const first = proven(from)[0]!;
  expect(spentMs.good + spentMs.warning + spentMs.critical).toBe(noon - Date.parse(first.finishedAt));
});

describe('incidents', () => {
  test('one failed attempt is one incident, which the next success ends', () => {
    const at = noon - 20 * hourMs;
    const good = backup(at + 2 * hourMs);
    const found = incidents([...proven(at - 10 * hourMs), backup(at, { failed }), good]);
    expect(found[0]).toEqual({
      id: `crm-${found[0]!.from.replace(/[-:]|\.\d+/g, '')}`,
      database: 'crm',
      from: iso(at + 94_000),
      to: good.finishedAt,
      state: 'warning',
      causes: [
        {
          state: 'warning',
          code: 'attempt-failed',
          text: 'The last backup attempt failed: the store is down.',
        },
      ],
      endedBy: { verb: 'backup', backupId: good.backupId, runUrl: good.runUrl },
    });
  });

  test('late and then Critical is one incident that goes on, with both causes and the worse state', () => {
    const [open] = incidents(proven(noon - 48 * hourMs));
    expect(open).toMatchObject({ to: null, endedBy: null, state: 'critical' });
    expect(open!.causes.map((cause) => cause.code)).toEqual(['backup-late', 'backup-too-old']);
  });

  test('it keeps its id while it goes on', () => {
    const records = proven(noon - 48 * hourMs);
    expect(incidents(records, noon + dayMs)[0]!.id).toBe(incidents(records)[0]!.id);
  });

  test('a month as the workflows make it has none, after its first proof', () => {
    const found = incidents(goodMonth());
    expect(found.map((each) => each.causes.map((cause) => cause.code))).toEqual([['restore-test-never']]);
    expect(days(goodMonth(), noon, 31).days).toEqual([
      'warning',
      ...Array.from({ length: 30 }, () => 'good'),
    ]);
  });

  test('four good backups a day have only the one before their first proof', () => {
    const found = incidents(life({ database: 'crm', days: 42, perDay: 4 }));
    expect(found.map((each) => each.causes.map((cause) => cause.code))).toEqual([['restore-test-never']]);
    expect(found[0]!.endedBy!.verb).toBe('restore-test');
  });
});

test.each([
  ['three years', threeYears()],
  ['an outage', life({ database: 'crm', days: 70, outage: { from: 30, to: 5 } })],
  ['a store that went missing 100 backups ago', lostStore()],
  ['a fleet', fleet(6, 40).records.map((record) => ({ ...record, database: 'crm' }))],
])('the present verdict is that of the whole ledger, with %s', (_, records) => {
  const whole = evaluate(gatherFacts(records, ['crm'], { now: noon }), policy, noon);
  const last = stretches(records).at(-1)!;
  expect(last.state).toBe(whole.state);
  expect(last.reasons.map((each) => each.code).sort()).toEqual(whole.reasons.map((each) => each.code).sort());
});

function lostStore(): LedgerRecord[] {
  const records: LedgerRecord[] = proven(noon - 120 * dayMs);
  for (let hours = 119 * 24; hours > 1; hours -= 12) {
    records.push(backup(noon - hours * hourMs, { stores: ['bucket'] }));
  }
  return records;
}
