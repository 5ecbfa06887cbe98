import { isMaking, type LedgerRecord } from '../ledger/record.ts';

/** Clocks may differ by an hour. Beyond that, a date in the future means that one was wrong. */
export const toleranceMs = 3_600_000;

export interface Believable {
  believed: LedgerRecord[];
  /** Successes that claim to be of a time to come. */
  futureDated: LedgerRecord[];
}

/**
 * Leaves out what cannot have happened when it says. A success dated in the future proves nothing about the present; a
 * failure counts whatever its date. A backup that some record knew of before its own snapshot time stays disbelieved
 * when that time has come: else a backup of long ago would turn fresh by waiting.
 *
 * @param records of one database, in any order
 * @param now milliseconds since the epoch
 */
export function believable(records: readonly LedgerRecord[], now: number): Believable {
  const latest = now === Number.POSITIVE_INFINITY ? '~' : new Date(now + toleranceMs).toISOString();
  const misdated = misdatedIds(records);
  const believed: LedgerRecord[] = [];
  const futureDated: LedgerRecord[] = [];
  for (const record of records) {
    const taken = isMaking(record) ? record.result?.snapshotAt : undefined;
    // Instants are written in one way, so that their text sorts as they do; parsing them all took most of the time.
    if (record.outcome === 'failed') believed.push(record);
    else if (record.finishedAt > latest || (taken !== undefined && taken > latest)) futureDated.push(record);
    else if (!isMaking(record) || !misdated.has(record.backupId ?? '')) believed.push(record);
  }
  return { believed, futureDated };
}

/** Backups that were known before they say they were taken. */
function misdatedIds(records: readonly LedgerRecord[]): Set<string> {
  const takenAt = new Map<string | null, string>();
  for (const record of records) {
    if (isMaking(record) && record.result) takenAt.set(record.backupId, record.result.snapshotAt);
  }
  const misdated = new Set<string>();
  for (const record of records) {
    const known = record.verb === 'backup' ? (record.result?.anomaly?.datedAhead ?? []) : [record.backupId];
    for (const id of known) {
      const taken = takenAt.get(id);
      if (id === null || taken === undefined || record.finishedAt >= taken) continue;
      if (Date.parse(taken) - Date.parse(record.finishedAt) > toleranceMs) misdated.add(id);
    }
  }
  return misdated;
}
