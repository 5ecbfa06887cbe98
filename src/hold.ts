import type { Deps } from './deps.ts';
import { backupsOf } from './health/backups.ts';
import { recordAttempt } from './ledger/attempt.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { publicWords } from './ledger/words.ts';
import { ConfigError } from './lib/errors.ts';
import { holdsOf } from './retention/holds.ts';
import { findBackups, noSuchBackup } from './store/find.ts';

export interface HoldOptions {
  database: string;
  id: string;
  /** False: pruning may remove it again. */
  held: boolean;
  /** Published, as all of the ledger is. */
  reason: string;
}

/**
 * Keeps a backup from being pruned in any store, whatever the rules say, or lets go of it. A hold is a record in the
 * ledger; the stores are not touched.
 *
 * @throws ConfigError when there is no such backup, when it is not held, or when the reason can't be published
 */
export function hold(deps: Deps, { database, id, held, reason }: HoldOptions): Promise<void> {
  return recordAttempt(deps, { verb: 'hold', database }, async (notes) => {
    const words = publicWords.safeParse(reason.trim());
    if (!words.success) {
      throw new ConfigError('The reason is one line of at most 200 characters, and not empty.', {
        hint: 'It is published with the ledger: no names, no secrets.',
        publicReason: 'the reason of a hold was not valid',
      });
    }
    const records = await recordsAbout(deps.ledger, database);
    if (held) await mustExist(deps, database, id, backupsOf(records));
    else if (!holdsOf(records).has(id)) {
      throw new ConfigError(`${id} is not held.`, {
        hint: 'Nothing was changed. `holdfast prune` shows what is held.',
        publicReason: 'no such hold',
      });
    }
    notes.backupId = id;
    notes.result = { held, reason: words.data };
  });
}

/** The ledger is asked first, so that a store that is down keeps nobody from holding what it has. */
async function mustExist(deps: Deps, database: string, id: string, known: ReturnType<typeof backupsOf>) {
  if (known.some((backup) => backup.id === id && backup.stores.length > 0)) return;
  const stored = await findBackups(deps.stores, database);
  if (!stored.some((backup) => backup.id === id)) throw noSuchBackup(database, id, stored[0]?.id);
}
