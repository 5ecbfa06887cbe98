import { objectKeys } from './archive/backup-id.ts';
import type { Deps } from './deps.ts';
import { backupsOf, type KnownBackup } from './health/backups.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { describeLack, emptiedStore, isEmptied } from './store/missing.ts';
import { untilStalled } from './store/stall.ts';
import type { Store } from './store/store.ts';
import { hasExpired, type Lack, surveyStores } from './store/survey.ts';
import { recordFailure } from './verify.ts';

/** A store that is silent must not keep a backup waiting for what is only a look. */
const lookMs = 30_000;

/**
 * Warns of stores that hold none of the backups that the ledger says they have, as when a disk is not mounted and the
 * folder is made anew below it. Each is recorded as `verify` records it, so that health knows without waiting for one.
 *
 * For the beginning of a backup, which it never fails: what can't be asked here is told of by whoever needs it.
 */
export async function noteEmptied(deps: Deps, database: string): Promise<void> {
  let known: KnownBackup[];
  try {
    known = backupsOf(await recordsAbout(deps.ledger, database));
  } catch {
    // The comparison with earlier backups reads the ledger too, and says so.
    return;
  }
  const lacks = await Promise.all(
    deps.stores.map((store) =>
      untilStalled(store, lackOf(store, database, known, deps.now()), lookMs).catch(() => null),
    ),
  );
  for (const lack of lacks) if (lack) await recordEmptied(deps, database, lack);
}

/** @returns null when the store has any of what it should have, or could not be asked */
async function lackOf(
  store: Store,
  database: string,
  known: readonly KnownBackup[],
  now: number,
): Promise<Lack | null> {
  const newest = known.find(
    (backup) => backup.stores.includes(store.name) && !hasExpired(backup, store, now),
  );
  // One question is enough for a store that is well; a list would read every receipt.
  if (!newest || (await store.size(objectKeys(database, newest.id, true).receipt)) !== null) return null;
  const { lacking } = await surveyStores([store], database, known, now);
  return lacking.find(isEmptied) ?? null;
}

async function recordEmptied(deps: Deps, database: string, lack: Lack) {
  deps.progress.warn(
    `${describeLack(database, lack)} Is its disk not mounted? This backup goes to where the store is now.`,
  );
  const error = emptiedStore(database, lack);
  await recordFailure(deps, database, { id: null, store: lack.store.name, error });
}
