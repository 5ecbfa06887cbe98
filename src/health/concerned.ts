import { isMaking, type LedgerRecord } from '../ledger/record.ts';

/**
 * The backups that a record tells of after they were made.
 *
 * @param inTime all records, oldest first
 */
export function concerned(inTime: readonly LedgerRecord[], index: number): string[] {
  const record = inTime[index]!;
  if (record.verb === 'prune') return record.result?.deleted ?? [];
  if (isEmptied(record)) return gone(inTime, index);
  return record.verb !== 'backup' && record.backupId !== null ? [record.backupId] : [];
}

/** A verification that found a store to hold none of what it was given: such a one names the store and no backup. */
function isEmptied(record: LedgerRecord): boolean {
  return (
    record.verb === 'verify' &&
    record.errorKind === 'IntegrityError' &&
    record.backupId === null &&
    record.result !== null
  );
}

/** The backups made before a store was found emptied; none when one of them was read there afterwards: it was away. */
function gone(inTime: readonly LedgerRecord[], index: number): string[] {
  const store = storeOf(inTime[index]!);
  const made = inTime.slice(0, index).flatMap((made) => (isMaking(made) && made.backupId) || []);
  const since = inTime.slice(index + 1).filter(({ outcome }) => outcome === 'succeeded');
  // What was copied there meanwhile says nothing of the others.
  const copied = since.map((record) =>
    record.verb === 'copy' && record.result?.copy.store === store ? record.backupId : null,
  );
  const isBack = since.some(
    (record) =>
      storeOf(record) === store && made.includes(record.backupId ?? '') && !copied.includes(record.backupId),
  );
  return isBack ? [] : made;
}

/** The store whose copy was read. */
function storeOf(record: LedgerRecord): string | undefined {
  return record.verb === 'verify' || record.verb === 'restore-test' ? record.result?.store : undefined;
}
