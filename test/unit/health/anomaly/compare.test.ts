import { expect, test } from 'vitest';
import { compareWithHistory } from '../../../../src/health/anomaly/compare.ts';
import type { LedgerRecord } from '../../../../src/ledger/record.ts';
import { silent } from '../../../../src/lib/progress.ts';
import { accepted, backup, dayMs, hourMs, noon } from '../../../support/status-fixture.ts';

/** Compares a backup of so many rows with what the ledger holds. */
async function compare(rows: number, records: LedgerRecord[] | null | Error, trigger = 'schedule') {
  const warnings: string[] = [];
  const candidate = backup(noon, { rows });
  const deps = {
    now: () => noon + hourMs,
    ledger: {
      read: async () => {
        if (records instanceof Error) throw records;
        return records;
      },
      append: async () => {},
    },
    run: { trigger, intendedAt: null, runUrl: null, actor: null },
    progress: { ...silent, warn: (text: string) => warnings.push(text) },
  };
  const anomaly = await compareWithHistory(deps, {
    id: candidate.backupId!,
    database: 'crm',
    result: candidate.result!,
    durationMs: candidate.durationMs,
    allTableRows: null,
  });
  return { anomaly, warnings };
}

const month = Array.from({ length: 20 }, (_, index) => backup(noon - (20 - index) * dayMs));

test('a usual one is passed over in silence; a first one has no ledger to be compared with', async () => {
  expect(await compare(48_000, month)).toMatchObject({ anomaly: { verdict: 'usual', n: 14 }, warnings: [] });
  expect(await compare(48_000, null)).toMatchObject({ anomaly: { verdict: 'learning', n: 0 }, warnings: [] });
});

test('an unusual one is told in plain words', async () => {
  const { anomaly, warnings } = await compare(20_000, month);
  expect(anomaly?.verdict).toBe('quarantine');
  expect(warnings.join('\n')).toMatch(
    /The number of rows is 20,000[\s\S]*same as before[\s\S]*is QUARANTINED\.$/,
  );
});

test('backups of other databases and those before a restore do not count', async () => {
  const others = month.map((record) => ({ ...record, database: 'billing' }));
  expect((await compare(20_000, others)).anomaly).toMatchObject({ n: 0 });
  const before = month.map((record) => ({ ...record, trigger: 'pre-restore' }));
  expect((await compare(20_000, before)).anomaly).toMatchObject({ n: 0 });
});

test('a backup that belongs to a restore is not compared itself', async () => {
  expect(await compare(0, month, 'pre-restore')).toEqual({ anomaly: null, warnings: [] });
  expect(await compare(0, month, 'restore-target')).toEqual({ anomaly: null, warnings: [] });
});

test('after a restore, what was put back is what later ones are compared with', async () => {
  expect((await compare(20_000, month, 'post-restore')).anomaly).toBeNull();
  const after = backup(noon - dayMs, { rows: 20_000, trigger: 'post-restore' });
  const { verb: _, inDatabase: __, result: ___, ...attempt } = after;
  const root = { expected: after.result!.contentRoot, actual: after.result!.contentRoot };
  const restored: LedgerRecord = {
    ...attempt,
    verb: 'restore',
    phase: 'ended',
    backupId: month[3]!.backupId,
    result: {
      mode: 'replace',
      store: 'bucket',
      steps: [],
      before: null,
      after: after.backupId,
      tables: 23,
      rows: 20_000,
      contentRoot: root,
      schema: 'equal',
    },
  };
  const records = [...month.slice(0, 19), after, restored];
  expect((await compare(20_100, records)).anomaly).toMatchObject({ n: 1, comparedWith: after.backupId });
});

test('a ledger that cannot be read does not cost the backup', async () => {
  expect(await compare(20_000, new Error('no ledger today'))).toEqual({
    anomaly: null,
    warnings: ['It was not compared with earlier backups: no ledger today'],
  });
});

test('what was accepted is what comes after is compared with', async () => {
  const quarantined = backup(noon - dayMs, { rows: 20_000 });
  const { anomaly } = await compare(20_000, month);
  quarantined.result!.anomaly = anomaly;
  const records = [...month.slice(0, 19), quarantined];
  expect((await compare(20_000, records)).anomaly?.verdict).toBe('quarantine');
  expect((await compare(20_000, [...records, accepted(noon - hourMs, quarantined)])).anomaly).toMatchObject({
    verdict: 'learning',
    comparedWith: quarantined.backupId,
  });
});

test('backups dated in the future are no measure, and are named as what they are', async () => {
  const ahead = backup(noon + 3 * dayMs, { rows: 20_000 });
  expect((await compare(48_000, [...month, ahead])).anomaly).toMatchObject({
    verdict: 'usual',
    datedAhead: [ahead.backupId],
    comparedWith: month.at(-1)!.backupId,
  });
});

test('what retention removed from every store still tells what was usual', async () => {
  const pruned = month.map((record): LedgerRecord => {
    const { verb: _, inDatabase: __, result: ___, ...attempt } = record;
    const deleted = [record.backupId!];
    return {
      ...attempt,
      verb: 'prune',
      backupId: null,
      result: { store: 'bucket', deleted, kept: 0, freedBytes: 1 },
    };
  });
  const both = pruned.map((record) => {
    if (record.verb !== 'prune') return record;
    return { ...record, result: { ...record.result!, store: 'artifact' } };
  });
  expect((await compare(20_000, [...month, ...pruned, ...both])).anomaly?.verdict).toBe('quarantine');
});
