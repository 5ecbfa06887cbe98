import type { Measured, PastBackup } from '../../src/health/anomaly/history.ts';
import { type AnomalyPolicy, anomalyPolicySchema } from '../../src/health/anomaly/policy.ts';

/** Backups as they are compared, a day apart: day 0 is the candidate's, earlier ones are negative. */

export const anomalyPolicy: AnomalyPolicy = anomalyPolicySchema.parse({});

const dayMs = 86_400_000;
const today = Date.parse('2026-11-22T02:00:00.000Z');

export const tableRows = { customers: 4000, enquiries: 9000, notes: 12_000, staff: 30, tags: 0 };

export function measured(day: number, changes: Partial<Measured> = {}): Measured {
  const rows = Object.values(changes.tableRows ?? tableRows).reduce((sum, each) => sum + each, 0);
  const snapshotAt = new Date(today + day * dayMs).toISOString();
  return {
    id: `crm-${snapshotAt.replace(/[-:]|\.\d+/g, '')}-k7qa`,
    snapshotAt,
    kind: 'postgres encrypted format 1',
    sizeBytes: rows * 80,
    rawBytes: rows * 300,
    rows,
    tables: 5,
    emptyTables: 1,
    durationMs: 60_000,
    fingerprint: 'one',
    pseudonymKey: '0000aaaa',
    tableRows,
    schemaParts: { tables: { count: 5, digest: '00000001' }, columns: { count: 40, digest: '00000002' } },
    ...changes,
  };
}

/** As the ledger knows one later: only large tables, and what was said of it. */
export function past(day: number, changes: Partial<PastBackup> = {}): PastBackup {
  const backup = measured(day, changes);
  const large = Object.entries(backup.tableRows ?? {}).filter(([, rows]) => rows >= 100);
  return {
    ...backup,
    good: true,
    verdict: 'usual',
    accepted: false,
    ...changes,
    tableRows: backup.tableRows && Object.fromEntries(large),
  };
}

/** So many still days before today. */
export function stillDays(count: number, changes: Partial<PastBackup> = {}): PastBackup[] {
  return Array.from({ length: count }, (_, index) => past(index - count, changes));
}

/** Total counts of a backup with so many rows in all, the tables being as they are. */
export function totals(rows: number) {
  return { rows, sizeBytes: rows * 80, rawBytes: rows * 300 };
}
