import type { LedgerRecord, Rung } from '../ledger/record.ts';
import type { KnownBackup } from './backups.ts';

/** What one store holds of a database, as far as the ledger knows. */
export interface Holding {
  store: string;
  kind: string;
  /** Sound copies. */
  backups: number;
  sizeBytes: number;
  newestSnapshotAt: string | null;
  /** When a copy in this store was last read and found to be as promised. */
  lastChecked: { at: string; rung: Rung } | null;
}

/**
 * One entry per store that was ever given a copy, in the order in which they appear; also one that holds none any more.
 *
 * @param backups of one database, newest first
 * @param records of the same database
 */
export function holdingsOf(backups: readonly KnownBackup[], records: readonly LedgerRecord[]): Holding[] {
  const kinds = new Map<string, string>();
  for (const { result, copies } of backups) {
    for (const copy of [...result.copies, ...copies]) kinds.set(copy.store, copy.kind);
  }
  return [...kinds].map(([store, kind]) => {
    const here = backups.flatMap(({ snapshotAt, copies }) =>
      copies.filter((copy) => copy.store === store).map(({ sizeBytes }) => ({ snapshotAt, sizeBytes })),
    );
    return {
      store,
      kind,
      backups: here.length,
      sizeBytes: here.reduce((sum, copy) => sum + copy.sizeBytes, 0),
      newestSnapshotAt: here[0]?.snapshotAt ?? null,
      lastChecked: lastChecked(store, records),
    };
  });
}

function lastChecked(store: string, records: readonly LedgerRecord[]): Holding['lastChecked'] {
  let newest: Holding['lastChecked'] = null;
  for (const record of records) {
    if (record.verb !== 'verify' && record.verb !== 'restore-test') continue;
    if (record.outcome === 'failed' || record.result?.store !== store) continue;
    const rung = record.verb === 'verify' ? record.result.rung : 'restored';
    if (rung !== null && (newest === null || record.finishedAt > newest.at))
      newest = { at: record.finishedAt, rung };
  }
  return newest;
}
