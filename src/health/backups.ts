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
  /** Copies that are there and that no later check found damaged, also those that were made afterwards. */
  copies: Copy[];
  /** Stores that should hold a copy, sound or not: they were given one, and it was not removed by retention. */
  stores: string[];
  /** Stores whose copy was removed by retention. A backup that is in no store any more is history. */
  prunedFrom: string[];
  /** So unusual that it does not count until somebody accepts it, and nobody has. */
  quarantined: boolean;
  /** Complete, with at least one sound copy, not refuted by a restore test, and not in quarantine. */
  good: boolean;
  /** The highest rung reached. */
  rung: Rung;
  reached: RungReached[];
}

/** The backups a ledger tells of, newest snapshot first. Attempts that made none are not among them. */
export function backupsOf(records: readonly LedgerRecord[]): KnownBackup[] {
  const later = new Map<string, LedgerRecord[]>();
  for (const record of records.toSorted((a, b) => a.finishedAt.localeCompare(b.finishedAt)))
    for (const id of concerned(record)) later.set(id, [...(later.get(id) ?? []), record]);
  const backups: KnownBackup[] = [];
  for (const record of records) {
    if (record.verb === 'backup' && record.outcome === 'succeeded' && record.result && record.backupId) {
      backups.push(knownBackup(record, record.backupId, record.result, later.get(record.backupId) ?? []));
    }
  }
  return backups.sort((a, b) => b.snapshotAt.localeCompare(a.snapshotAt) || b.id.localeCompare(a.id));
}

/** The backups that a record tells of later. */
function concerned(record: LedgerRecord): string[] {
  if (record.verb === 'prune') return record.result?.deleted ?? [];
  return record.verb !== 'backup' && record.backupId !== null ? [record.backupId] : [];
}

function knownBackup(
  { database, finishedAt, trigger, runUrl }: BackupRecord,
  id: string,
  result: NonNullable<BackupRecord['result']>,
  /** What is known of this backup since, in time. */
  later: readonly LedgerRecord[],
): KnownBackup {
  const held = new Map(result.copies.map((copy) => [copy.store, copy]));
  const prunedFrom = new Set<string>();
  /** Per damaged copy the height of the rung that failed: only proof of that rung or a higher one mends it. */
  const damaged = new Map<string, number>();
  const reached: RungReached[] = [{ rung: 'stored', at: finishedAt, runUrl }];
  let refuted = false;
  let quarantined = result.anomaly?.verdict === 'quarantine';
  const prove = (store: string, rung: Rung) => {
    if (heightOf(rung) >= (damaged.get(store) ?? 0)) damaged.delete(store);
  };
  for (const record of later) {
    if (record.verb === 'prune' && record.result) {
      // Also a pruning that failed says what it had removed until then.
      held.delete(record.result.store);
      damaged.delete(record.result.store);
      prunedFrom.add(record.result.store);
    }
    if (record.verb === 'copy' && record.outcome === 'succeeded' && record.result) {
      const { copy } = record.result;
      held.set(copy.store, copy);
      prunedFrom.delete(copy.store);
      // Its bytes were read while they were copied.
      prove(copy.store, 'intact');
    }
    if (record.verb === 'accept' && record.outcome === 'succeeded') quarantined = false;
    if (record.verb !== 'verify' && record.verb !== 'restore-test') continue;
    const rung =
      record.verb === 'verify' ? record.result?.rung : record.outcome === 'succeeded' ? 'restored' : null;
    if (record.outcome === 'succeeded' && rung) {
      reached.push({ rung, at: record.finishedAt, runUrl: record.runUrl });
      if (record.result) prove(record.result.store, rung);
      if (record.verb === 'restore-test') refuted = false;
    } else if (record.errorKind === 'IntegrityError') {
      if (record.verb === 'restore-test') refuted = true;
      // A failed restore test tells of the highest rung; a failed verification of the one above what held.
      const failed =
        record.verb === 'restore-test' ? rungs.length - 1 : heightOf(record.result?.rung ?? null) + 1;
      // Without a result it isn't known which copy was read: then none can be trusted.
      for (const store of record.result ? [record.result.store] : held.keys())
        damaged.set(store, Math.max(failed, damaged.get(store) ?? 0));
    }
  }
  const copies = [...held.values()].filter((copy) => !damaged.has(copy.store));
  return {
    id,
    database,
    trigger,
    snapshotAt: result.snapshotAt,
    finishedAt,
    result,
    copies,
    stores: [...held.keys()],
    prunedFrom: [...prunedFrom],
    quarantined,
    good: copies.length > 0 && !refuted && !quarantined,
    rung: reached.map((each) => each.rung).reduce((a, b) => (heightOf(b) > heightOf(a) ? b : a)),
    reached,
  };
}

/** 0 is the lowest rung, -1 none at all. */
function heightOf(rung: Rung | null): number {
  return rung === null ? -1 : rungs.indexOf(rung);
}
