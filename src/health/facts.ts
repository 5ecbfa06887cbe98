import type { LedgerRecord, Rung, VerifyRecord } from '../ledger/record.ts';
import { isRegularTrigger } from '../ledger/record.ts';
import { backupsOf, onePerSnapshot } from './backups.ts';
import { believable } from './clock.ts';
import { type StoreBehind, storesBehind } from './stores-behind.ts';
import { type Unusual, unusual } from './unusual.ts';

/** All that a verdict on one database depends on, apart from the policy and the clock. */
export interface DatabaseFacts {
  database: string;
  newestGood: { id: string; snapshotAt: string; rung: Rung } | null;
  /** Snapshot time of the oldest good backup known. */
  firstGoodAt: string | null;
  /** The newest backup attempt. */
  lastAttempt: { at: string; outcome: 'succeeded' | 'failed'; reason: string | null } | null;
  /** Stores that lack the newest good backup. */
  storesBehind: StoreBehind[];
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
  /** What is unusual about the newest backup, unless somebody has accepted it. */
  unusual: Unusual | null;
  /** When the CRM last made a backup that never left its own database, if that is newer than the newest good one. */
  notOffSiteSince: string | null;
  /** Successes that claim to be of a time to come, which nothing else here believes; null: none. */
  futureDated: { records: number; latest: string } | null;
}

export interface FactsContext {
  /** Milliseconds since the epoch; left out: no record is taken to be of the future. */
  now?: number;
  /** The stores that should have the backups of a database; left out: those that ever had one. */
  storesOf?(database: string): readonly string[];
}

/**
 * Condenses a ledger into facts, one entry per database.
 *
 * @param records in any order; only those of the named databases count
 * @param databases the configured names: one without any record still gets an entry, so that it can't be forgotten
 */
export function gatherFacts(
  records: readonly LedgerRecord[],
  databases: readonly string[],
  context: FactsContext = {},
): DatabaseFacts[] {
  const own = Map.groupBy(records, (record) => record.database);
  return databases.map((database) => factsOf(database, own.get(database) ?? [], context));
}

function factsOf(database: string, records: readonly LedgerRecord[], context: FactsContext): DatabaseFacts {
  const { believed, futureDated } = believable(records, context.now ?? Number.POSITIVE_INFINITY);
  const inTime = believed.sort((a, b) =>
    a.finishedAt < b.finishedAt ? -1 : a.finishedAt > b.finishedAt ? 1 : 0,
  );
  const attempts = inTime.filter((record) => record.verb === 'backup' && isRegularTrigger(record.trigger));
  const verifications = inTime.filter((record) => record.verb === 'verify');
  const tests = inTime.filter((record) => record.verb === 'restore-test');
  // What was taken before a restore may hold just what the restore was to mend.
  const regular = onePerSnapshot(backupsOf(inTime).filter((backup) => isRegularTrigger(backup.trigger)));
  const good = regular.filter((backup) => backup.good);
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
    storesBehind: newest ? storesBehind(inTime, newest, context.storesOf?.(database)) : [],
    lastRestoreTest: lastVerdict ? { ...brief(lastVerdict)!, backupId: lastVerdict.backupId } : null,
    restoreTestNotRun:
      lastTest && lastTest !== lastVerdict ? { at: lastTest.finishedAt, reason: lastTest.reason } : null,
    lastVerified: brief(unresolvedFailure(verifications) ?? verifications.at(-1)),
    lastReadableAt: readings.at(-1)?.finishedAt ?? null,
    unusual: unusual(regular, inTime),
    notOffSiteSince: notOffSite(inTime, newest?.snapshotAt ?? ''),
    futureDated: futureDated.length > 0 ? { records: futureDated.length, latest: latest(futureDated) } : null,
  };
}

function notOffSite(inTime: readonly LedgerRecord[], than: string): string | null {
  const inside = inTime.flatMap((record) =>
    record.verb === 'backup' && record.inDatabase ? [record.inDatabase.at] : [],
  );
  const newest = inside.sort().at(-1);
  return newest !== undefined && newest > than ? newest : null;
}

function latest(records: readonly LedgerRecord[]): string {
  return records
    .map((record) => record.finishedAt)
    .sort()
    .at(-1)!;
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
