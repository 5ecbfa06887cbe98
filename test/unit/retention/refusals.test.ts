import { expect, test } from 'vitest';
import { backupsOf } from '../../../src/health/backups.ts';
import { rebuiltId } from '../../../src/ledger/rebuild.ts';
import type { Anomaly, BackupRecord, LedgerRecord } from '../../../src/ledger/record.ts';
import { checkRetention } from '../../../src/retention/check.ts';
import { holdsOf } from '../../../src/retention/holds.ts';
import { type Circumstances, refusalsOf } from '../../../src/retention/refusals.ts';
import { policyOf } from '../../support/retention.ts';
import { backup, dayMs, noon, restoreTest, verify } from '../../support/status-fixture.ts';

const days = [0, 1, 2, 3].map((age) => backup(noon - age * dayMs));
const id = (age: number) => days[age]!.backupId!;
const broken = { reason: 'the digest differs', errorKind: 'IntegrityError' as const };

const planOf = (gone: string[], kept: string[]) => ({
  delete: gone.map((each) => ({ id: each, reason: 'old', sizeBytes: 1 })),
  keep: kept.map((each) => ({ id: each, reasons: ['young'] })),
});
const codes = (
  records: LedgerRecord[],
  changes: Partial<Circumstances> = {},
  plan = planOf([id(3)], [id(0), id(1), id(2)]),
) =>
  refusalsOf(plan, {
    records,
    known: backupsOf(records),
    unknown: [],
    missing: [],
    begun: [],
    futureDated: [],
    storeProblem: null,
    allowLarge: false,
    ...changes,
  }).map(({ code }) => code);

test('a sound history is pruned', () => {
  expect(codes(days)).toEqual([]);
});

test('nothing to delete is nothing to refuse', () => {
  const failed = backup(noon, { failed: broken });
  expect(codes([...days, failed], { records: null }, planOf([], [id(0)]))).toEqual([]);
});

test('without a ledger', () => {
  expect(codes([], { records: null })).toEqual(['no-ledger']);
});

test('while the ledger is one rebuilt from receipts, which tell of no quarantine and no hold, unless told', () => {
  const rebuilt = days.map((record) => ({ ...record, id: rebuiltId(record.backupId!) }));
  expect(codes(rebuilt)).toEqual(['rebuilt-ledger']);
  expect(codes(rebuilt, { allowLarge: true })).toEqual([]);
});

test('when the newest backup is in quarantine, until somebody accepts it', () => {
  const doubtful = (record: BackupRecord): BackupRecord => {
    const anomaly = { verdict: 'quarantine' } as Anomaly;
    return { ...record, result: { ...record.result!, anomaly } };
  };
  const newest = doubtful(days[0]!);
  const records = [newest, ...days.slice(1)];
  expect(codes(records)).toEqual(['newest-quarantined']);
  expect(codes([days[0]!, doubtful(days[1]!), ...days.slice(2)])).toEqual([]);
  const accept = { ...verify(noon + dayMs, newest), verb: 'accept', result: { reason: 'we deleted half' } };
  expect(codes([...records, accept as LedgerRecord])).toEqual([]);
});

test('when the newest backup failed a check in every store', () => {
  const bad = (store: string) => verify(noon, days[0]!, { store, failed: broken });
  expect(codes([...days, bad('bucket')])).toEqual([]);
  expect(codes([...days, bad('bucket'), bad('artifact')])).toEqual(['newest-damaged']);
});

test('when the last attempt failed; one around a restore does not count', () => {
  const failed = (trigger: string) =>
    backup(noon + 1000, { trigger, failed: { reason: 'no connection', errorKind: 'SourceError' } });
  expect(codes([...days, failed('schedule')])).toEqual(['last-attempt-failed']);
  expect(codes([...days, failed('pre-restore')])).toEqual([]);
  expect(codes([...days, failed('schedule'), backup(noon + dayMs)])).toEqual([]);
});

test('when it would delete the newest that a restore test restored, whatever became of it since', () => {
  const records = [...days, restoreTest(noon, days[3]!)];
  expect(codes(records)).toEqual(['newest-restored']);
  const refuted = [...records, verify(noon + dayMs, days[3]!, { failed: broken })];
  expect(codes(refuted)).toEqual(['newest-restored']);
  expect(codes([...records, restoreTest(noon, days[2]!)])).toEqual([]);
});

test.each([
  ['two differences pass', 1, 1, 1, false],
  ['three do not', 2, 1, 1, true],
  ['one in ten passes', 4, 1, 49, false],
  ['more than that does not', 4, 2, 49, true],
])('when ledger and store disagree: %s', (_, unknown, missing, kept, isRefused) => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `crm-${index}`);
  const plan = planOf([id(3)], many(kept));
  expect(codes(days, { unknown: many(unknown), missing: many(missing) }, plan)).toEqual(
    isRefused ? ['ledger-disagrees'] : [],
  );
});

test('when more than half would go, unless told', () => {
  expect(codes(days, {}, planOf([id(3), id(2)], [id(1), id(0)]))).toEqual([]);
  const most = planOf([id(3), id(2), id(1)], [id(0)]);
  expect(codes(days, {}, most)).toEqual(['too-many']);
  expect(codes(days, { allowLarge: true }, most)).toEqual([]);
});

test('in a store that can’t hold what the policy asks for, and when a clock is wrong', () => {
  expect(codes(days, { storeProblem: 'too short' })).toEqual(['store-cannot-hold']);
  expect(codes(days, { futureDated: [id(0)] })).toEqual(['dated-in-future']);
});

test('a policy is held against what a store that deletes by itself can keep', () => {
  const check = (rules: Parameters<typeof policyOf>[0], maxRetentionDays: number | null) =>
    checkRetention(policyOf(rules), { maxRetentionDays });
  expect(check({ keepYearly: 9 }, null)).toBeNull();
  expect(check({}, 90)).toBeNull();
  expect(check({}, 14)).toContain('keep-days: 30');
  expect(check({ keepDays: 120 }, 90)).toContain('keep-days: 120');
  expect(check({ keepWeekly: 12, keepDaily: 90 }, 90)).toBeNull();
  const long = check({ keepWeekly: 13, keepMonthly: 12, keepYearly: 1 }, 90);
  expect(long).toBe(
    "keep-weekly: 13, keep-monthly: 12, keep-yearly: 1 can't be kept: the store itself deletes after 90 days.",
  );
});

test('the last word on a hold counts, and one that failed is none', () => {
  const hold = (at: number, held: boolean, failed?: typeof broken) =>
    ({
      ...verify(at, days[1]!, failed ? { failed } : {}),
      verb: 'hold',
      result: { held, reason: 'for the audit' },
    }) as LedgerRecord;
  expect(holdsOf([hold(noon, true)])).toEqual(new Map([[id(1), 'for the audit']]));
  expect(holdsOf([hold(noon + 1, false), hold(noon, true)]).size).toBe(0);
  expect(holdsOf([hold(noon, true), hold(noon + 1, false, broken)]).size).toBe(1);
});
