import type { BackupRecord, LedgerRecord, Rung } from '../ledger/record.ts';
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
  const attempts = inTime.filter((record) => record.verb === 'backup');
  const verifications = inTime.filter((record) => record.verb === 'verify');
  const tests = inTime.filter((record) => record.verb === 'restore-test');
  const good = backupsOf(inTime).filter((backup) => backup.good);
  const newest = good[0] ?? null;
  const verdicts = tests.filter(
    (test) => test.outcome === 'succeeded' || test.errorKind === 'IntegrityError',
  );
  const lastVerdict = verdicts.at(-1);
  const lastTest = tests.at(-1);
  const readings = inTime.filter((record) => record.verb !== 'backup' && record.outcome === 'succeeded');
  return {
    database,
    newestGood: newest && { id: newest.id, snapshotAt: newest.snapshotAt, rung: newest.rung },
    firstGoodAt: good.at(-1)?.snapshotAt ?? null,
    lastAttempt: brief(attempts.at(-1)),
    storesBehind: newest ? storesBehind(attempts, newest) : [],
    lastRestoreTest: lastVerdict ? { ...brief(lastVerdict)!, backupId: lastVerdict.backupId } : null,
    restoreTestNotRun:
      lastTest && lastTest !== lastVerdict ? { at: lastTest.finishedAt, reason: lastTest.reason } : null,
    lastVerified: brief(verifications.at(-1)),
    lastReadableAt: readings.at(-1)?.finishedAt ?? null,
  };
}

function brief(record: LedgerRecord | undefined) {
  return record ? { at: record.finishedAt, outcome: record.outcome, reason: record.reason } : null;
}

function storesBehind(attempts: readonly BackupRecord[], newest: KnownBackup) {
  const holding = new Set(newest.copies.map((copy) => copy.store));
  const lastCopyAt = new Map<string, string>();
  for (const attempt of attempts) {
    for (const copy of attempt.result?.copies ?? []) lastCopyAt.set(copy.store, attempt.finishedAt);
  }
  return [...lastCopyAt].filter(([store]) => !holding.has(store)).map(([store, since]) => ({ store, since }));
}
