import type { Deps } from './deps.ts';
import { gatherFacts } from './health/facts.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { formatDuration } from './lib/format.ts';

/**
 * Events of the CRM that may each ask for a backup, and how long after one of the same kind the next is too soon. These are
 * the mission's rules; an event that isn't listed is never too soon.
 */
export const eventLimitsMs: Readonly<Record<string, number>> = {
  form_submission: 3_600_000,
  enquiry_update: 1_800_000,
  critical_operation: 0,
};

/**
 * Why a backup need not be made now; null when it should be. Only the ledger is asked, so it holds between runs; runs that
 * come at the same moment are kept apart by the workflow's concurrency.
 *
 * @param when.olderThanMs only when the newest good backup is older than this; null: at any age
 * @param when.event the kind of event that asks; null: none
 */
export async function reasonNotDue(
  deps: Pick<Deps, 'ledger' | 'now'>,
  database: string,
  when: { olderThanMs: number | null; event: string | null },
): Promise<string | null> {
  const limitMs = when.event === null ? 0 : (eventLimitsMs[when.event] ?? 0);
  if (when.olderThanMs === null && limitMs === 0) return null;
  const records = await recordsAbout(deps.ledger, database);
  if (when.olderThanMs !== null) {
    const [facts] = gatherFacts(records, [database]);
    const ageMs = facts?.newestGood ? deps.now() - Date.parse(facts.newestGood.snapshotAt) : null;
    if (ageMs !== null && ageMs >= 0 && ageMs <= when.olderThanMs)
      return `${facts!.newestGood!.id} is only ${formatDuration(ageMs)} old`;
  }
  const last = records.findLast(
    (record) => record.verb === 'backup' && record.outcome === 'succeeded' && record.trigger === when.event,
  );
  const sinceMs = last ? deps.now() - Date.parse(last.startedAt) : null;
  if (sinceMs === null || sinceMs < 0 || sinceMs >= limitMs) return null;
  const nextAt = new Date(Date.parse(last!.startedAt) + limitMs).toISOString();
  return `there was a backup for ${when.event} ${formatDuration(sinceMs)} ago; the next is allowed at ${nextAt}`;
}
