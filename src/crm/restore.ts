import { reasonOf } from './answer.ts';
import { type AuditNote, auditEvent, type Caller } from './audit.ts';
import type { Settings } from './options.ts';
import { Refused } from './refused.ts';
import { type Replacement, type RestoreOrder, rehearse, replace } from './restore/replace.ts';
import { prune } from './retention.ts';
import { preRestoreTrigger } from './rules.ts';
import { takeBackup } from './take-backup.ts';
import { inTransaction, tell } from './transaction.ts';
import type { WrittenBackup } from './write-backup.ts';

export interface RestoreResult extends Replacement {
  /** The backup of what was there before. */
  preRestore: WrittenBackup;
}

/** How often the tables may change between their backup and their lock, before the restore gives up. */
const attempts = 3;

/**
 * Puts the rows of a backup back: rehearsed first, then what is there is backed up and committed, then one transaction
 * replaces it. Whatever ends this early leaves the tables as they were.
 *
 * @throws Refused 404, 409 or 422; what made it fail, after that was recorded
 */
export async function restore(
  settings: Settings,
  caller: Caller,
  order: RestoreOrder,
): Promise<RestoreResult> {
  const note = { operation: 'restore', backupId: order.id } as const;
  try {
    await inTransaction(settings, caller, async ({ client, audit }) => {
      await rehearse(client, settings, order);
      // A restore that is killed has begun, and has no end, in the audit log.
      await audit({ ...note, outcome: 'began' });
    });
    const result = await replaceWhatIsBackedUp(settings, caller, order);
    // Only now: before, it might have removed the very backup that was being restored.
    await prune(settings, caller);
    return result;
  } catch (error) {
    const outcome = error instanceof Refused ? 'refused' : 'failed';
    await record(settings, caller, { ...note, outcome, detail: reasonOf(error) });
    throw error;
  }
}

async function replaceWhatIsBackedUp(
  settings: Settings,
  caller: Caller,
  order: RestoreOrder,
): Promise<RestoreResult> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const outcome = await takeBackup(settings, caller, {
      type: 'Pre-restore',
      trigger: preRestoreTrigger,
      rule: null,
      request: null,
    });
    if (outcome.kind !== 'made') throw new Error('a Pre-restore backup is never skipped');
    const preRestore = outcome.backup;
    const done = await inTransaction(settings, caller, async ({ client, audit }) => {
      const replacement = await replace(client, settings, order, preRestore.id);
      if (replacement === null) return null;
      const counts = Object.entries(replacement.tables).map(
        ([member, { before, after }]) => `${member} ${before} → ${after}`,
      );
      const detail = `${counts.join(', ')}; before it backup ${preRestore.id}`;
      await audit({ operation: 'restore', outcome: 'succeeded', backupId: order.id, detail });
      return replacement;
    });
    if (done !== null) return { ...done, preRestore };
  }
  const message = `The tables were written to between their backup and their lock, ${attempts} times. Nothing was changed.`;
  throw new Refused(409, 'tables_in_use', message, { headers: { 'retry-after': '30' } });
}

/** Writes down how it ended; the callback is told even when the database cannot be. */
async function record(settings: Settings, caller: Caller, note: AuditNote): Promise<void> {
  try {
    await inTransaction(settings, caller, ({ audit }) => audit(note));
  } catch {
    tell(settings, auditEvent(caller, note));
  }
}
