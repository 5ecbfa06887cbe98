import type { Deps } from './deps.ts';
import { isRegularTrigger } from './ledger/record.ts';
import { HoldfastError } from './lib/errors.ts';
import { type ListedBackup, list } from './list.ts';
import { findCopies, type SoundCopy } from './store/find.ts';

/**
 * The copies of a backup that is to be read. `latest` is the newest good one: on a bad day the newest of all may well be
 * the one that was taken after the accident, and then it is in quarantine.
 *
 * @throws as `findCopies`
 */
export async function findChosen(
  deps: Pick<Deps, 'stores' | 'ledger' | 'progress'>,
  database: string,
  idOrLatest: string,
): Promise<SoundCopy[]> {
  if (idOrLatest !== 'latest') return findCopies(deps.stores, database, idOrLatest);
  const regular = (await listed(deps, database)).filter(
    ({ receipt }) => receipt === null || isRegularTrigger(receipt.trigger),
  );
  const [newest] = regular;
  const good = regular.find((backup) => backup.good);
  // A damaged receipt is told by `findCopies`; nothing older is taken in its place.
  if (!good || !newest?.receipt || good === newest) return findCopies(deps.stores, database, 'latest');
  deps.progress.warn(
    `The newest backup, ${newest.id}, ${newest.quarantined ? 'is in quarantine' : 'was found damaged or wrong'}; latest is the newest good one, ${good.id}.`,
  );
  return findCopies(deps.stores, database, good.id);
}

/** Without the ledger nothing is known of quarantine; a restore must be possible all the same. */
async function listed(
  deps: Pick<Deps, 'stores' | 'ledger' | 'progress'>,
  database: string,
): Promise<ListedBackup[]> {
  try {
    return await list(deps, database);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    deps.progress.warn(`Which backups are good is not known, so latest is the newest: ${error.message}`);
    return [];
  }
}
