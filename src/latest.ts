import type { Deps } from './deps.ts';
import { HoldfastError } from './lib/errors.ts';
import { type ListedBackup, latestOf, listing } from './list.ts';
import { findCopies, type SoundCopy } from './store/find.ts';

/**
 * The copies of a backup that is to be read; see `latestOf` for what `latest` is.
 *
 * @throws as `findCopies`
 */
export async function findChosen(
  deps: Pick<Deps, 'stores' | 'ledger' | 'now' | 'progress'>,
  database: string,
  idOrLatest: string,
): Promise<SoundCopy[]> {
  if (idOrLatest !== 'latest') return findCopies(deps.stores, database, idOrLatest);
  const latest = latestOf(await listed(deps, database), deps.progress);
  return findCopies(deps.stores, database, latest?.id ?? 'latest');
}

/** Without the ledger nothing is known of quarantine; a restore must be possible all the same. */
async function listed(
  deps: Pick<Deps, 'stores' | 'ledger' | 'now' | 'progress'>,
  database: string,
): Promise<ListedBackup[]> {
  try {
    return (await listing(deps, database)).backups;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    deps.progress.warn(`Which backups are good is not known, so latest is the newest: ${error.message}`);
    return [];
  }
}
