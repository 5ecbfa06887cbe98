import type { Rung } from '../ledger/words.ts';
import { isRegularTrigger, rungs } from '../ledger/words.ts';
import { newestOfPeriods } from './periods.ts';
import type { RetentionPolicy } from './policy.ts';

/** One backup as one store holds it, with what the plan depends on. */
export interface Candidate {
  id: string;
  /** The backup that this one is, encrypted again; left out: it is that one itself. */
  rekeyedFrom?: string | null;
  snapshotAt: string;
  /** Why it was taken; those around a restore follow a rule of their own. */
  trigger: string;
  /** `damaged`: this copy failed a check, or a restore test refuted it. `quarantined`: unusual, and nobody accepted it. */
  state: 'good' | 'quarantined' | 'damaged';
  rung: Rung;
  /** Why somebody holds it; null when nobody does. */
  held: string | null;
  sizeBytes: number;
}

export interface RetentionPlan {
  /** Newest first, each with every rule that keeps it. */
  keep: { id: string; reasons: string[] }[];
  /** Oldest first, as they are deleted. */
  delete: { id: string; reason: string; sizeBytes: number }[];
}

const dayMs = 86_400_000;
/** Whatever `keep-days` says: time to undo a restore, and to look at an unusual backup. */
const graceDays = 7;

/**
 * Decides what a store keeps of one database. A backup that any rule keeps is kept.
 *
 * Only good backups of the regular rhythm count for the rules, so that neither a damaged one nor one that a restore
 * took of its target takes the place of a backup that is worth keeping.
 *
 * @param now milliseconds since the epoch
 */
export function planRetention(
  backups: readonly Candidate[],
  policy: RetentionPolicy,
  now: number,
): RetentionPlan {
  const newestFirst = backups.toSorted(
    (a, b) => b.snapshotAt.localeCompare(a.snapshotAt) || b.id.localeCompare(a.id),
  );
  const counted = newestFirst.filter((backup) => backup.state === 'good' && isRegularTrigger(backup.trigger));
  const reasons = new Map<string, string[]>(backups.map(({ id }) => [id, []]));
  const keep = (kept: readonly (Candidate | undefined)[], reason: string) => {
    for (const backup of kept) if (backup) reasons.get(backup.id)!.push(reason);
  };

  keep(counted.slice(0, 1), 'the newest good backup');
  keep(counted.slice(0, policy.keepLast), `one of the last ${policy.keepLast}`);
  for (const backup of newestFirst) {
    const days = daysFor(backup, policy);
    if (now - Date.parse(backup.snapshotAt) < days * dayMs) keep([backup], `younger than ${inDays(days)}`);
  }
  keep(newestOfPeriods(counted, 'day', policy.keepDaily), 'the newest of its day');
  keep(newestOfPeriods(counted, 'week', policy.keepWeekly), 'the newest of its week');
  keep(newestOfPeriods(counted, 'month', policy.keepMonthly), 'the newest of its month');
  keep(newestOfPeriods(counted, 'year', policy.keepYearly), 'the newest of its year');
  const verified = counted.filter(({ rung }) => rungs.indexOf(rung) >= rungs.indexOf('readable'));
  keep(verified.slice(0, policy.keepVerified), `one of the last ${policy.keepVerified} proved readable`);
  keep([counted.find(({ rung }) => rung === 'restored')], 'the newest that a restore test restored');
  for (const backup of newestFirst) {
    if (backup.held !== null) keep([backup], `held: ${backup.held}`);
    if (!counted[0]) keep([backup], 'there is no good backup');
    else if (backup.state !== 'good' && backup.snapshotAt >= counted[0].snapshotAt)
      keep([backup], `${backup.state}, but there is no newer good backup`);
  }

  return {
    keep: newestFirst
      .filter(({ id }) => reasons.get(id)!.length > 0)
      .map(({ id }) => ({ id, reasons: reasons.get(id)! })),
    delete: newestFirst
      .filter(({ id }) => reasons.get(id)!.length === 0)
      .map((backup) => ({
        id: backup.id,
        reason: whyDeleted(backup, policy),
        sizeBytes: backup.sizeBytes,
      }))
      .reverse(),
  };
}

/** A quarantined backup is no proof against the source until somebody has looked; one before a restore is its undoing. */
function daysFor({ state, trigger }: Candidate, { keepDays }: RetentionPolicy): number {
  return state === 'quarantined' || !isRegularTrigger(trigger) ? Math.max(keepDays, graceDays) : keepDays;
}

function whyDeleted(backup: Candidate, policy: RetentionPolicy): string {
  const days = daysFor(backup, policy);
  const age = days > 0 ? `older than ${inDays(days)}` : '';
  if (backup.state !== 'good')
    return [backup.state, age, 'newer good backups exist'].filter(Boolean).join(', ');
  if (!isRegularTrigger(backup.trigger)) return `taken around a restore, ${age}`;
  return [age, 'no rule keeps it'].filter(Boolean).join(', ');
}

function inDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`;
}
