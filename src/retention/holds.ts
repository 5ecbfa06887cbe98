import type { LedgerRecord } from '../ledger/record.ts';

/** The backups that are held now, each with the reason. @param records in any order */
export function holdsOf(records: readonly LedgerRecord[]): Map<string, string> {
  const held = new Map<string, string>();
  for (const record of records.toSorted((a, b) => a.finishedAt.localeCompare(b.finishedAt))) {
    if (record.verb !== 'hold' || record.outcome === 'failed' || !record.result || !record.backupId) continue;
    if (record.result.held) held.set(record.backupId, record.result.reason);
    else held.delete(record.backupId);
  }
  return held;
}
