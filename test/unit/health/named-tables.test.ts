import { expect, test } from 'vitest';
import { shownLimits } from '../../../src/health/shown-limits.ts';
import { composeStatus, statusSchema } from '../../../src/health/status.ts';
import type { BackupRecord, LedgerRecord } from '../../../src/ledger/record.ts';
import { backup, hourMs, noon, policy, restoreTest } from '../../support/status-fixture.ts';

/** Names of tables are in the page's document when the configuration says so, and never otherwise. */

const withNames = (record: BackupRecord, names: { name: string; rows: number }[]): BackupRecord =>
  ({
    ...record,
    result: { ...record.result!, tables: Math.max(23, names.length), namedTables: names },
  }) as BackupRecord;
const compose = (records: LedgerRecord[], details?: 'none' | 'tables') =>
  statusSchema.parse(composeStatus(records, ['crm'], policy, noon, details ? { details } : {}));

const made = withNames(backup(noon - 3 * hourMs), [
  { name: 'public.poison_small', rows: 3 },
  { name: 'public.poison_patients', rows: 4_000 },
]);
const records = [made, restoreTest(noon - hourMs, made)];

test.each([undefined, 'none'] as const)('a ledger with names and a configuration of %s', (details) => {
  const status = compose(records, details);
  expect(JSON.stringify(status)).not.toContain('poison');
  expect(status.databases[0]!.backups[0]!.namedTables).toBeNull();
  expect(status.databases[0]!.restoreTests[0]!.namedTables).toBeNull();
});

test('published: with the backup and with the restore test of it, the largest first', () => {
  const { backups, restoreTests } = compose(records, 'tables').databases[0]!;
  const named = {
    tables: [
      { name: 'public.poison_patients', rows: 4_000 },
      { name: 'public.poison_small', rows: 3 },
    ],
    more: made.result!.tables - 2,
  };
  expect(backups[0]!.namedTables).toEqual(named);
  expect(restoreTests[0]!.namedTables).toEqual(named);
});

test('a ledger without names has none to show, and a test that never compared tells of no tables', () => {
  const plain = backup(noon - 2 * hourMs);
  const failed = { reason: 'no scratch', errorKind: 'SourceError' as const };
  const { backups, restoreTests } = compose(
    [plain, restoreTest(noon - hourMs, made, { failed }), made],
    'tables',
  ).databases[0]!;
  expect(backups[0]!.namedTables).toBeNull();
  expect(restoreTests[0]!.namedTables).toBeNull();
});

test('of thousands of tables the largest are named, and the others counted', () => {
  const many = Array.from({ length: 2_000 }, (_, rows) => ({ name: `t${rows}`, rows }));
  const { backups } = compose([withNames(backup(noon - hourMs), many)], 'tables').databases[0]!;
  const { tables, more } = backups[0]!.namedTables!;
  expect(tables).toHaveLength(shownLimits.tables);
  expect(tables[0]).toEqual({ name: 't1999', rows: 1_999 });
  expect(more).toBe(2_000 - shownLimits.tables);
});
