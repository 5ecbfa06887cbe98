import { isMaking, type LedgerRecord } from '../ledger/record.ts';

/**
 * The few records that a verdict can depend on, while a ledger is replayed: judging years of it as a whole at each of
 * its records would take minutes.
 */
export interface SlidingWindow {
  /** Records come in the order in which they finished. */
  push(record: LedgerRecord): void;
  /** In the order in which they finished. */
  records(): LedgerRecord[];
}

/** Were the newest good backup older than so many attempts, the verdict would be Critical either way. */
const recentCount = 40;

/** Keeps the newest backups, all that concerns them, and the newest record of each kind. */
export function slidingWindow(): SlidingWindow {
  const order = new Map<LedgerRecord, number>();
  const recent = new Map<string, LedgerRecord[]>();
  const newestOfKind = new Map<string, LedgerRecord>();
  const concerning = new Map<string, LedgerRecord[]>();
  let count = 0;
  const concern = (id: string, record: LedgerRecord) =>
    void concerning.set(id, [...(concerning.get(id) ?? []), record]);
  return {
    push(record) {
      count += 1;
      order.set(record, count);
      if (countsOfItself(record)) {
        const ofVerb = recent.get(record.verb) ?? [];
        recent.set(record.verb, [...ofVerb, record].slice(-recentCount));
      }
      for (const kind of kindsOf(record)) newestOfKind.set(kind, record);
      if (record.verb === 'backup' || record.backupId === null) return;
      concern(record.backupId, record);
      // What becomes of a backup that is encrypted again is told of the new one.
      if (record.verb === 'rekey' && record.result) concern(record.result.rekeyedFrom, record);
    },
    records() {
      const kept = new Set([...recent.values()].flat());
      for (const record of newestOfKind.values()) kept.add(record);
      for (const record of [...kept]) {
        const about = record.backupId === null ? [] : (concerning.get(record.backupId) ?? []);
        for (const each of about) kept.add(each);
      }
      return [...kept].sort((a, b) => order.get(a)! - order.get(b)!);
    },
  };
}

/** What makes or removes backups, or says of a whole store that it is empty; others matter for what they say of one. */
function countsOfItself(record: LedgerRecord): boolean {
  const { verb, backupId } = record;
  return isMaking(record) || verb === 'prune' || (verb === 'verify' && backupId === null);
}

/** A store that went missing a hundred attempts ago is behind still: its last copy is the newest of its kind. */
function kindsOf(record: LedgerRecord): string[] {
  const common = `${record.verb} ${record.outcome} ${record.errorKind}`;
  switch (record.verb) {
    case 'backup':
      return record.result?.copies.map((copy) => `${common} ${copy.store}`) ?? [common];
    case 'verify':
      return [`${common} ${record.result?.store} ${record.result?.rung}`];
    case 'restore-test':
      return [`${common} ${record.result?.store}`];
    default:
      return [common];
  }
}
