import {
  type BackupRecord,
  type Copy,
  isMaking,
  type LedgerRecord,
  type RekeyRecord,
  type Rung,
  rungs,
} from '../ledger/record.ts';
import { concerned } from './concerned.ts';

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
  /** How long it took to take it. */
  durationMs: number;
  result: NonNullable<BackupRecord['result']>;
  /** Copies that are there and that no later check found damaged, also those that were made afterwards. */
  copies: Copy[];
  /** Stores that should hold a copy, sound or not: they were given one, and it was not removed by retention. */
  stores: string[];
  /** Stores whose copy was removed by retention. A backup that is in no store any more is history. */
  prunedFrom: string[];
  /** So unusual that it does not count until somebody accepts it, and nobody has. */
  quarantined: boolean;
  /** A restore test of it gave other content than it promises, and none since has passed. */
  refuted: boolean;
  /** Complete, with at least one sound copy, not refuted by a restore test, and not in quarantine. */
  good: boolean;
  /** The highest rung reached. */
  rung: Rung;
  reached: RungReached[];
}

/** The backups a ledger tells of, newest snapshot first. Attempts that made none are not among them. */
export function backupsOf(records: readonly LedgerRecord[]): KnownBackup[] {
  const later = new Map<string, LedgerRecord[]>();
  const inTime = records.toSorted((a, b) => a.finishedAt.localeCompare(b.finishedAt));
  for (const [index, record] of inTime.entries())
    for (const id of concerned(inTime, index)) later.set(id, [...(later.get(id) ?? []), record]);
  const backups: KnownBackup[] = [];
  for (const record of records) {
    if (!isMaking(record) || record.outcome === 'failed' || !record.result || !record.backupId) continue;
    backups.push(knownBackup(record, record.backupId, record.result, later.get(record.backupId) ?? []));
  }
  return backups.sort((a, b) => b.snapshotAt.localeCompare(a.snapshotAt) || b.id.localeCompare(a.id));
}

function knownBackup(
  record: BackupRecord | RekeyRecord,
  id: string,
  result: NonNullable<BackupRecord['result']>,
  /** What is known of this backup since, in time. */
  later: readonly LedgerRecord[],
): KnownBackup {
  const { database, finishedAt, runUrl } = record;
  // One that was encrypted again is as old, and was taken as it was taken, before.
  const taken = record.verb === 'rekey' ? record.result!.taken : record;
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
    trigger: taken.trigger,
    snapshotAt: result.snapshotAt,
    finishedAt: taken.finishedAt,
    durationMs: taken.durationMs,
    result,
    copies,
    stores: [...held.keys()],
    prunedFrom: [...prunedFrom],
    quarantined,
    refuted,
    good: copies.length > 0 && !refuted && !quarantined,
    rung: reached.map((each) => each.rung).reduce((a, b) => (heightOf(b) > heightOf(a) ? b : a)),
    reached,
  };
}

/**
 * One backup of each snapshot, in the order given: while an archive and the same encrypted again are both there, they
 * are one backup to whoever counts. It is the good one, the one in more stores, or else the newer one.
 */
export function onePerSnapshot(backups: readonly KnownBackup[]): KnownBackup[] {
  const twins = Map.groupBy(backups, ({ id, result }) => result.rekeyedFrom ?? id);
  const worth = ({ good, copies, reached }: KnownBackup) => [
    good ? 1 : 0,
    copies.length,
    Date.parse(reached[0]!.at),
  ];
  return [...twins.values()].map((same) =>
    same.reduce((best, other) => {
      const [a, b] = [worth(best), worth(other)];
      const decisive = a.findIndex((each, index) => each !== b[index]);
      return decisive !== -1 && b[decisive]! > a[decisive]! ? other : best;
    }),
  );
}

/** 0 is the lowest rung, -1 none at all. */
function heightOf(rung: Rung | null): number {
  return rung === null ? -1 : rungs.indexOf(rung);
}
