import type { KnownBackup } from '../health/backups.ts';
import { isRebuilt } from '../ledger/rebuild.ts';
import type { BackupRecord, LedgerRecord } from '../ledger/record.ts';
import { isRegularTrigger } from '../ledger/words.ts';
import type { RetentionPlan } from './plan.ts';

/** Why nothing is deleted, although the plan would: something is not as it should be, and somebody should look first. */
export interface Refusal {
  code:
    | 'no-ledger'
    | 'newest-quarantined'
    | 'newest-damaged'
    | 'last-attempt-failed'
    | 'newest-restored'
    | 'rebuilt-ledger'
    | 'ledger-disagrees'
    | 'too-many'
    | 'store-cannot-hold'
    | 'dated-in-future';
  text: string;
}

/** What is held against the plan of one store. */
export interface Circumstances {
  /** Of this database; null when there is no ledger. */
  records: readonly LedgerRecord[] | null;
  /** Of this database, newest first. */
  known: readonly KnownBackup[];
  /** Backups in the store that the ledger does not know to be there, and those that it does and the store lacks. */
  unknown: readonly string[];
  missing: readonly string[];
  /** Backups that a pruning which was stopped had begun to delete. */
  begun: readonly string[];
  /** Backups that claim to be of a time to come: a clock was wrong, and no age can be trusted. */
  futureDated: readonly string[];
  /** What `checkRetention` says. */
  storeProblem: string | null;
  /** Told that many backups may go. */
  allowLarge: boolean;
}

/** So many differences between ledger and store, or 10 % of its backups, pass as a run that was killed. */
const tolerated = 2;

/** Every reason not to carry a plan out. When it deletes nothing, only what the store has lost is one. */
export function refusalsOf(plan: RetentionPlan, circumstances: Circumstances): Refusal[] {
  const { records, known, unknown, missing, begun, futureDated, storeProblem, allowLarge } = circumstances;
  const refusals: Refusal[] = [];
  const refuse = (code: Refusal['code'], text: string) => refusals.push({ code, text });
  const total = plan.keep.length + plan.delete.length;
  const limit = Math.max(tolerated, total / 10);
  const hasLost = missing.length > limit || (missing.length > 0 && total === 0);
  const isIdle = plan.delete.length === 0 && begun.length === 0;
  if (hasLost || (!isIdle && unknown.length + missing.length > limit))
    refuse('ledger-disagrees', `Ledger and store disagree: ${disagreement(circumstances, total)}.`);
  if (isIdle) return refusals;
  if (records === null)
    refuse('no-ledger', 'There is no ledger: which backups are held or were proved is not known.');
  const regular = known.filter(({ trigger }) => isRegularTrigger(trigger));
  const newest = regular[0];
  if (newest?.quarantined) refuse('newest-quarantined', `The newest backup, ${newest.id}, is in quarantine.`);
  else if (newest && !newest.good && newest.stores.length > 0)
    refuse('newest-damaged', `The newest backup, ${newest.id}, failed a check.`);
  const attempt = lastAttempt(records ?? []);
  if (attempt?.outcome === 'failed')
    refuse('last-attempt-failed', `The last backup attempt failed: ${attempt.reason ?? 'unknown reason'}.`);
  const restored = known.find(({ rung, stores }) => rung === 'restored' && stores.length > 0);
  if (restored && plan.delete.some(({ id }) => id === restored.id))
    refuse('newest-restored', `It would delete ${restored.id}, the newest that a restore test restored.`);
  const rebuilt = (records ?? []).filter((record) => record.verb === 'backup' && isRebuilt(record)).length;
  if (rebuilt > 0 && !allowLarge)
    refuse(
      'rebuilt-ledger',
      `The ledger was rebuilt from receipts, which say nothing of quarantines and holds: what is known of ${rebuilt} backups may be better than the truth.`,
    );
  if (!allowLarge && plan.delete.length > total / 2)
    refuse('too-many', `It would delete ${plan.delete.length} of ${total} backups, more than half.`);
  if (futureDated.length > 0)
    refuse('dated-in-future', `${futureDated[0]} is dated in the future: a clock is or was wrong.`);
  if (storeProblem !== null) refuse('store-cannot-hold', storeProblem);
  return refusals;
}

function disagreement({ unknown, missing }: Circumstances, total: number): string {
  const parts = [
    total === 0 ? 'is empty' : '',
    unknown.length > 0 ? `has ${unknown.length} that the ledger does not know to be there` : '',
    missing.length > 0 ? `lacks ${missing.length} that it should have` : '',
  ].filter(Boolean);
  return `the store ${parts.join(' and ')}`;
}

/** The newest attempt of the regular rhythm. */
function lastAttempt(records: readonly LedgerRecord[]): BackupRecord | undefined {
  return records
    .filter((record) => record.verb === 'backup')
    .filter((record) => isRegularTrigger(record.trigger))
    .sort((a, b) => a.finishedAt.localeCompare(b.finishedAt))
    .at(-1);
}
