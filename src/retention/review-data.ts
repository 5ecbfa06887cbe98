import { backupsOf } from '../health/backups.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { isRegularTrigger, rungs } from '../ledger/words.ts';
import type { Assessment } from './assess.ts';
import { holdsOf } from './holds.ts';
import type { RetentionPolicy } from './policy.ts';
import type { Refusal } from './refusals.ts';

/** The review of one database: what is kept and why, what the rules would delete, and how storage grows. */
export interface DatabaseReview {
  database: string;
  /** Backups that at least one store keeps, and those that at least one store would delete its copy of. */
  kept: number;
  deletable: number;
  stores: StoreReview[];
  holds: { id: string; reason: string }[];
  /** The last months that have a good backup, oldest first. */
  months: { month: string; backups: number; meanSizeBytes: number }[];
}

export interface StoreReview {
  store: string;
  kind: string;
  policy: RetentionPolicy;
  backups: number;
  sizeBytes: number;
  /** Snapshot times, ISO; null when the store holds none. */
  oldestAt: string | null;
  newestAt: string | null;
  /** How many good backups reached at least that rung. */
  proved: { readable: number; restored: number };
  quarantined: number;
  damaged: number;
  /** Per reason, in the order of the rules; a backup that several rules keep counts for each. */
  keptBy: { reason: string; backups: number }[];
  deletable: { id: string; reason: string; sizeBytes: number }[];
  refusals: Refusal[];
  leftovers: { id: string; why: string }[];
}

/** A year back and a quarter: enough to see the season that this one is compared with. */
const shownMonths = 15;

/** Condenses what the stores and the ledger say. @param records of any database, in any order */
export function reviewOf(
  database: string,
  assessments: readonly Assessment[],
  records: readonly LedgerRecord[],
): DatabaseReview {
  const own = records.filter((record) => record.database === database);
  return {
    database,
    kept: distinct(assessments.flatMap(({ plan }) => plan.keep)),
    deletable: distinct(assessments.flatMap(({ plan }) => plan.delete)),
    stores: assessments.map(reviewOfStore),
    holds: [...holdsOf(own)].map(([id, reason]) => ({ id, reason })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    months: monthsOf(own),
  };
}

function distinct(backups: readonly { id: string }[]): number {
  return new Set(backups.map(({ id }) => id)).size;
}

function reviewOfStore({ store, policy, backups, plan, refusals, leftovers }: Assessment): StoreReview {
  const times = backups.map(({ snapshotAt }) => snapshotAt).sort();
  const good = backups.filter(({ state }) => state === 'good');
  const provedAtLeast = (rung: 'readable' | 'restored') =>
    good.filter((backup) => rungs.indexOf(backup.rung) >= rungs.indexOf(rung)).length;
  const keptBy = new Map<string, number>();
  // A hold's own words are listed with the holds.
  for (const { reasons } of plan.keep)
    for (const reason of new Set(reasons.map((each) => each.replace(/^held: .*/, 'held'))))
      keptBy.set(reason, (keptBy.get(reason) ?? 0) + 1);
  return {
    store: store.name,
    kind: store.kind,
    policy,
    backups: backups.length,
    sizeBytes: backups.reduce((total, { sizeBytes }) => total + sizeBytes, 0),
    oldestAt: times[0] ?? null,
    newestAt: times.at(-1) ?? null,
    proved: { readable: provedAtLeast('readable'), restored: provedAtLeast('restored') },
    quarantined: backups.filter(({ state }) => state === 'quarantined').length,
    damaged: backups.filter(({ state }) => state === 'damaged').length,
    keptBy: [...keptBy].map(([reason, count]) => ({ reason, backups: count })),
    deletable: plan.delete,
    refusals,
    leftovers: leftovers.map(({ id, why }) => ({ id, why })),
  };
}

/** From the ledger, so that what was pruned since still shows how storage grew. */
function monthsOf(records: readonly LedgerRecord[]): DatabaseReview['months'] {
  const sizes = new Map<string, number[]>();
  for (const { snapshotAt, trigger, quarantined, result } of backupsOf(records)) {
    if (!isRegularTrigger(trigger) || quarantined) continue;
    const month = snapshotAt.slice(0, 7);
    sizes.set(month, [...(sizes.get(month) ?? []), result.sizeBytes]);
  }
  return [...sizes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(-shownMonths)
    .map(([month, all]) => ({
      month,
      backups: all.length,
      meanSizeBytes: Math.round(all.reduce((total, size) => total + size, 0) / all.length),
    }));
}
