import type { BackupRecord, Copy, LedgerRecord, Rung } from '../ledger/record.ts';
import { rungs } from '../ledger/record.ts';

/** How and when a rung was reached. */
export interface RungReached {
  rung: Rung;
  at: string;
  runUrl: string | null;
}

/** One backup with all that the ledger knows of it. */
export interface KnownBackup {
  id: string;
  database: string;
  /** Why it was taken; `pre-restore` ones are no part of the regular rhythm. */
  trigger: string;
  snapshotAt: string;
  finishedAt: string;
  result: NonNullable<BackupRecord['result']>;
  /** Copies that no later check found damaged. */
  copies: Copy[];
  /** Complete, with at least one sound copy, and not refuted by a restore test. */
  good: boolean;
  /** The highest rung reached. */
  rung: Rung;
  reached: RungReached[];
}

/** The backups a ledger tells of, newest snapshot first. Attempts that made none are not among them. */
export function backupsOf(records: readonly LedgerRecord[]): KnownBackup[] {
  const backups: KnownBackup[] = [];
  for (const record of records) {
    if (record.verb === 'backup' && record.outcome === 'succeeded' && record.result && record.backupId) {
      backups.push(knownBackup(record, record.backupId, record.result, records));
    }
  }
  return backups.sort((a, b) => b.snapshotAt.localeCompare(a.snapshotAt) || b.id.localeCompare(a.id));
}

function knownBackup(
  record: BackupRecord,
  id: string,
  result: NonNullable<BackupRecord['result']>,
  records: readonly LedgerRecord[],
): KnownBackup {
  const checks = records
    .filter((check) => check.verb === 'verify' || check.verb === 'restore-test')
    .filter((check) => check.backupId === id)
    .sort((a, b) => a.finishedAt.localeCompare(b.finishedAt));
  /** Per damaged copy the height of the rung that failed: only proof of that rung or a higher one mends it. */
  const damaged = new Map<string, number>();
  const reached: RungReached[] = [{ rung: 'stored', at: record.finishedAt, runUrl: record.runUrl }];
  let refuted = false;
  for (const check of checks) {
    const rung =
      check.verb === 'verify' ? check.result?.rung : check.outcome === 'succeeded' ? 'restored' : null;
    if (check.outcome === 'succeeded' && rung) {
      reached.push({ rung, at: check.finishedAt, runUrl: check.runUrl });
      if (check.result && heightOf(rung) >= (damaged.get(check.result.store) ?? 0)) {
        damaged.delete(check.result.store);
      }
      if (check.verb === 'restore-test') refuted = false;
    } else if (check.errorKind === 'IntegrityError') {
      if (check.verb === 'restore-test') refuted = true;
      // A failed restore test tells of the highest rung; a failed verification of the one above what held.
      const failed =
        check.verb === 'restore-test' ? rungs.length - 1 : heightOf(check.result?.rung ?? null) + 1;
      // Without a result it isn't known which copy was read: then none can be trusted.
      for (const { store } of result.copies) {
        if (!check.result || check.result.store === store) {
          damaged.set(store, Math.max(failed, damaged.get(store) ?? 0));
        }
      }
    }
  }
  const copies = result.copies.filter((copy) => !damaged.has(copy.store));
  const good = copies.length > 0 && !refuted;
  const rung = reached.map((each) => each.rung).reduce((a, b) => (heightOf(b) > heightOf(a) ? b : a));
  const { database, finishedAt, trigger } = record;
  return {
    id,
    database,
    trigger,
    snapshotAt: result.snapshotAt,
    finishedAt,
    result,
    copies,
    good,
    rung,
    reached,
  };
}

/** 0 is the lowest rung, -1 none at all. */
function heightOf(rung: Rung | null): number {
  return rung === null ? -1 : rungs.indexOf(rung);
}
