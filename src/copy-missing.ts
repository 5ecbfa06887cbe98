import { copy } from './copy.ts';
import type { Deps } from './deps.ts';
import { backupsOf, type KnownBackup } from './health/backups.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { isRegularTrigger } from './ledger/record.ts';
import { HoldfastError } from './lib/errors.ts';
import type { Store } from './store/store.ts';
import { hasExpired } from './store/survey.ts';

/** How far back: enough for a store that was away for a long weekend, or that is new, without hours of copying. */
const recentBackups = 3;

export interface CopiedMissing {
  copied: { id: string; store: string }[];
  failed: { id: string; store: string; message: string }[];
}

/**
 * Brings every store what it lacks of the newest good backups, as after a run in which it was down. What retention
 * removed from it stays removed. For the end of a backup, which it never fails: trouble is a warning, and a `copy`
 * record of its own.
 */
export async function copyNewestMissing(deps: Deps, database: string): Promise<CopiedMissing> {
  const result: CopiedMissing = { copied: [], failed: [] };
  const fail = (id: string, store: string, error: unknown) => {
    const message = error instanceof HoldfastError ? error.message : `Unexpected: ${String(error)}`;
    deps.progress.warn(`Store ${store} still lacks ${id}: ${message}`);
    result.failed.push({ id, store, message });
  };
  let recent: KnownBackup[];
  try {
    const records = await recordsAbout(deps.ledger, database);
    recent = backupsOf(records)
      .filter(({ good, trigger }) => good && isRegularTrigger(trigger))
      .slice(0, recentBackups);
  } catch (error) {
    deps.progress.warn(`Whether a store lacks a backup is not known: ${(error as Error).message}`);
    return result;
  }
  for (const store of deps.stores) {
    for (const backup of recent) {
      if (deps.signal.aborted) return result;
      if (!lacks(store, backup, deps.now())) continue;
      try {
        const { made } = await copy(deps, { database, id: backup.id, to: store.name, from: null });
        if (made) result.copied.push({ id: backup.id, store: store.name });
      } catch (error) {
        fail(backup.id, store.name, error);
        // A store that could not take one will not take the next, and each try may last.
        break;
      }
    }
  }
  return result;
}

function lacks(store: Store, backup: KnownBackup, now: number): boolean {
  const { maxSizeBytes } = store.capabilities;
  return (
    !backup.copies.some((copy) => copy.store === store.name) &&
    !backup.prunedFrom.includes(store.name) &&
    !hasExpired(backup, store, now) &&
    (maxSizeBytes === null || backup.result.sizeBytes <= maxSizeBytes)
  );
}
