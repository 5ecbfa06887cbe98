import type { Deps } from './deps.ts';
import { acceptedIds } from './health/anomaly/history.ts';
import { recordAttempt } from './ledger/attempt.ts';
import type { LedgerRecord } from './ledger/record.ts';
import { holdsOf } from './retention/holds.ts';

/**
 * What people have said of a backup is said of the new one too: that it is held, that it is accepted. Comes before the
 * record that makes the new one known, so that at no time pruning may remove it.
 */
export async function carryOver(
  deps: Deps,
  about: { database: string; from: readonly string[]; to: string; records: readonly LedgerRecord[] },
): Promise<void> {
  const { database, from, to, records } = about;
  const held = holdsOf(records);
  const reason = from.map((id) => held.get(id)).find((each) => each !== undefined);
  if (reason !== undefined) {
    await recordAttempt(deps, { verb: 'hold', database }, async (notes) => {
      Object.assign(notes, { backupId: to, result: { held: true, reason } });
    });
  }
  const accepted = acceptedIds(records);
  const acceptedId = from.find((id) => accepted.has(id));
  if (acceptedId === undefined) return;
  await recordAttempt(deps, { verb: 'accept', database }, async (notes) => {
    Object.assign(notes, { backupId: to, result: { reason: `as ${acceptedId} was, of which it is made` } });
  });
}
