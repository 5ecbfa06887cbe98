import type { BackupRecord, LedgerRecord, Rung, VerifyRecord } from '../ledger/record.ts';
import { isRegularTrigger } from '../ledger/record.ts';
import { backupsOf, type KnownBackup } from './backups.ts';

/** All that a verdict on one database depends on, apart from the policy and the clock. */
export interface DatabaseFacts {
  database: string;
  newestGood: { id: string; snapshotAt: string; rung: Rung } | null;
  /** Snapshot time of the oldest good backup known. */
  firstGoodAt: string | null;
  /** The newest backup attempt. */
  lastAttempt: { at: string; outcome: 'succeeded' | 'failed'; reason: string | null } | null;
  /** Stores that once held a copy and lack the newest good backup. */
  storesBehind: { store: string; since: string }[];
  /** The newest restore test that gave a verdict on a backup. */
  lastRestoreTest: {
    at: string;
    outcome: 'succeeded' | 'failed';
    backupId: string | null;
    reason: string | null;
  } | null;
  /** A newer restore test that gave none, because scratch or store could not be reached. */
  restoreTestNotRun: { at: string; reason: string | null } | null;
  /** The newest verification; a failed one, while no later one of the same store has succeeded. */
  lastVerified: { at: string; outcome: 'succeeded' | 'failed'; reason: string | null } | null;
  /** When any backup last proved to be readable, by a verification or a restore test. */
  lastReadableAt: string | null;
}

/**
 * Condenses a ledger into facts, one entry per database.
 *
 * @param records in any order; only those of the named databases count
 * @param databases the configured names: one without any record still gets an entry, so that it can't be forgotten
 */
export function gatherFacts(records: readonly LedgerRecord[], databases: readonly string[]): DatabaseFacts[] {
  return databases.map((database) =>
    factsOf(
      database,
      records.filter((record) => record.database === database),
    ),
  );
}

function factsOf(database: string, records: readonly LedgerRecord[]): DatabaseFacts {
  const inTime = [...records].sort((a, b) => a.finishedAt.localeCompare(b.finishedAt));
  const attempts = inTime.filter((record) => record.verb === 'backup' && isRegularTrigger(record.trigger));
  const verifications = inTime.filter((record) => record.verb === 'verify');
  const tests = inTime.filter((record) => record.verb === 'restore-test');
  // What was taken before a restore may hold just what the restore was to mend.
  const good = backupsOf(inTime).filter((backup) => backup.good && isRegularTrigger(backup.trigger));
  const newest = good[0] ?? null;
  const verdicts = tests.filter(
    (test) => test.outcome === 'succeeded' || test.errorKind === 'IntegrityError',
  );
  const lastVerdict = verdicts.at(-1);
  const lastTest = tests.at(-1);
  const readings = inTime.filter(provesReadable);
  return {
    database,
    newestGood: newest && { id: newest.id, snapshotAt: newest.snapshotAt, rung: newest.rung },
    firstGoodAt: good.at(-1)?.snapshotAt ?? null,
    lastAttempt: brief(attempts.at(-1)),
    storesBehind: newest ? storesBehind(inTime, newest) : [],
    lastRestoreTest: lastVerdict ? { ...brief(lastVerdict)!, backupId: lastVerdict.backupId } : null,
    restoreTestNotRun:
      lastTest && lastTest !== lastVerdict ? { at: lastTest.finishedAt, reason: lastTest.reason } : null,
    lastVerified: brief(unresolvedFailure(verifications) ?? verifications.at(-1)),
    lastReadableAt: readings.at(-1)?.finishedAt ?? null,
  };
}

function brief(record: LedgerRecord | undefined) {
  return record ? { at: record.finishedAt, outcome: record.outcome, reason: record.reason } : null;
}

/** A verification without the identity reads bytes, but proves no more than that they are intact. */
function provesReadable(record: LedgerRecord): boolean {
  if (record.outcome === 'failed' || !(record.verb === 'verify' || record.verb === 'restore-test'))
    return false;
  return (
    record.verb === 'restore-test' || record.result?.rung === 'readable' || record.result?.rung === 'restored'
  );
}

/** Copies are verified one after another: that the last of them was sound says nothing about the one before. */
function unresolvedFailure(verifications: readonly VerifyRecord[]): VerifyRecord | undefined {
  return verifications.findLast(
    (failed, index) =>
      failed.outcome === 'failed' &&
      !verifications
        .slice(index + 1)
        .some(
          (later) =>
            later.outcome === 'succeeded' && (!failed.result || later.result?.store === failed.result.store),
        ),
  );
}

function storesBehind(inTime: readonly LedgerRecord[], newest: KnownBackup) {
  const holding = new Set(newest.copies.map((copy) => copy.store));
  const made = inTime
    .filter((record) => record.verb === 'backup')
    .filter((record) => record.result !== null && isRegularTrigger(record.trigger));
  const stores = new Set(made.flatMap((record) => record.result!.copies.map((copy) => copy.store)));
  return [...stores]
    .filter((store) => !holding.has(store))
    .map((store) => ({
      store,
      since: foundDamagedAt(inTime, newest, store) ?? missedAt(made, store) ?? newest.finishedAt,
    }));
}

function foundDamagedAt(inTime: readonly LedgerRecord[], newest: KnownBackup, store: string) {
  if (!newest.result.copies.some((copy) => copy.store === store)) return null;
  const failed = inTime.findLast(
    (check) =>
      (check.verb === 'verify' || check.verb === 'restore-test') &&
      check.backupId === newest.id &&
      check.errorKind === 'IntegrityError' &&
      (!check.result || check.result.store === store),
  );
  return failed?.finishedAt ?? null;
}

/** When the first backup after the store's last copy was made without it. */
function missedAt(made: readonly BackupRecord[], store: string): string | null {
  const last = made.findLastIndex((record) => record.result!.copies.some((copy) => copy.store === store));
  return made[last + 1]?.finishedAt ?? null;
}
