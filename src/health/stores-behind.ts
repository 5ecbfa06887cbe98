import type { BackupRecord, LedgerRecord } from '../ledger/record.ts';
import { isRegularTrigger } from '../ledger/record.ts';
import type { KnownBackup } from './backups.ts';

export interface StoreBehind {
  store: string;
  /** ISO instant. */
  since: string;
}

/**
 * The stores that lack the newest good backup.
 *
 * @param inTime records of one database, oldest first
 * @param configured the stores that should have it; without, all that ever held a copy
 */
export function storesBehind(
  inTime: readonly LedgerRecord[],
  newest: KnownBackup,
  configured?: readonly string[],
): StoreBehind[] {
  const holding = new Set(newest.copies.map((copy) => copy.store));
  const made = inTime
    .filter((record) => record.verb === 'backup')
    .filter((record) => record.result !== null && isRegularTrigger(record.trigger));
  const stores = configured ?? made.flatMap((record) => record.result!.copies.map((copy) => copy.store));
  return [...new Set(stores)]
    .filter((store) => !holding.has(store))
    .map((store) => ({
      store,
      since: foundDamagedAt(inTime, newest, store) ?? missedAt(made, store) ?? newest.finishedAt,
    }));
}

function foundDamagedAt(inTime: readonly LedgerRecord[], newest: KnownBackup, store: string) {
  if (!newest.stores.includes(store)) return null;
  const failed = inTime.findLast(
    (check) =>
      (check.verb === 'verify' || check.verb === 'restore-test') &&
      check.errorKind === 'IntegrityError' &&
      (check.backupId === newest.id
        ? !check.result || check.result.store === store
        : check.backupId === null && check.result?.store === store),
  );
  return failed?.finishedAt ?? null;
}

/** When the first backup after the store's last copy was made without it. */
function missedAt(made: readonly BackupRecord[], store: string): string | null {
  const last = made.findLastIndex((record) => record.result!.copies.some((copy) => copy.store === store));
  return made[last + 1]?.finishedAt ?? null;
}
