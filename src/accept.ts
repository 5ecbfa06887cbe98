import type { Deps } from './deps.ts';
import { acceptedIds } from './health/anomaly/history.ts';
import { backupsOf, type KnownBackup } from './health/backups.ts';
import { recordAttempt } from './ledger/attempt.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { type Anomaly, isRegularTrigger, type LedgerRecord, publicWords } from './ledger/record.ts';
import { ConfigError } from './lib/errors.ts';

export interface AcceptOptions {
  database: string;
  /** An id, or `latest`: the newest backup that is unusual. */
  id: string;
  /** Published, as all of the ledger is. */
  reason: string;
}

export interface AcceptResult {
  id: string;
  /** What was accepted. */
  anomaly: Anomaly;
  /** Other backups that are still in quarantine, newest first. */
  stillQuarantined: string[];
}

/**
 * A person vouches for an unusual backup: it counts as good from now on, and what comes after it is compared with it.
 *
 * @throws ConfigError when there is no such backup, when there is nothing to accept, or when the reason can't be
 *         published; StoreError or IntegrityError when the ledger can't be read or written
 */
export function accept(
  deps: Pick<Deps, 'ledger' | 'now' | 'randomBytes' | 'run' | 'progress'>,
  { database, id, reason }: AcceptOptions,
): Promise<AcceptResult> {
  return recordAttempt(deps, { verb: 'accept', database }, async (notes) => {
    const words = publicWords.safeParse(reason.trim());
    if (!words.success) {
      throw new ConfigError('The reason is one line of at most 200 characters, and not empty.', {
        hint: 'It is published with the ledger: no names, no secrets.',
        publicReason: 'the reason of an acceptance was not valid',
      });
    }
    const records = await recordsAbout(deps.ledger, database);
    const backups = backupsOf(records).filter((backup) => isRegularTrigger(backup.trigger));
    const chosen = choose(backups, records, database, id);
    notes.backupId = chosen.id;
    notes.result = { reason: words.data };
    return {
      id: chosen.id,
      anomaly: chosen.result.anomaly!,
      stillQuarantined: backups
        .filter((backup) => backup.quarantined && backup !== chosen)
        .map((backup) => backup.id),
    };
  });
}

function choose(backups: KnownBackup[], records: readonly LedgerRecord[], database: string, id: string) {
  const accepted = acceptedIds(records);
  const isOpen = (backup: KnownBackup) =>
    !accepted.has(backup.id) && ['warning', 'quarantine'].includes(backup.result.anomaly?.verdict ?? '');
  const chosen = id === 'latest' ? backups.find(isOpen) : backups.find((backup) => backup.id === id);
  if (chosen && isOpen(chosen)) return chosen;
  const open = backups.filter(isOpen).slice(0, 3);
  const hint =
    open.length === 0
      ? `No backup of ${database} waits to be accepted.`
      : `To be accepted: ${open.map((each) => each.id).join(', ')}.`;
  const message =
    chosen === undefined
      ? `The ledger knows of no ${id === 'latest' ? 'unusual backup' : `backup ${JSON.stringify(id)}`} of ${database}.`
      : `${id} is ${accepted.has(id) ? 'accepted already' : 'not unusual'}: there is nothing to accept.`;
  throw new ConfigError(message, { hint, publicReason: 'there was nothing to accept' });
}
