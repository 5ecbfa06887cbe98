import { setTimeout } from 'node:timers/promises';
import { isReceiptKey } from '../archive/backup-id.ts';
import { interrupted } from '../ledger/attempt.ts';
import { HoldfastError } from '../lib/errors.ts';
import type { Store } from '../store/store.ts';
import type { Leftover } from './leftovers.ts';

/** What was deleted so far; filled in while it happens, so that it is known however it ends. */
export interface Deletions {
  deleted: string[];
  freedBytes: number;
  /** Backups that a store with object lock would not let go of. */
  locked: string[];
}

/**
 * Deletes backups, oldest first. Of each the receipt goes first, because it was written last: from then on the backup
 * does not exist, and what a killed run leaves of it is found by the next.
 *
 * @throws StoreError at the first that can't be deleted, except where a lock is to be expected; SourceError when stopped
 */
export async function deleteBackups(
  store: Store,
  database: string,
  ids: readonly string[],
  done: Deletions,
  signal: AbortSignal,
): Promise<void> {
  for (const id of ids) {
    if (signal.aborted) throw interrupted();
    const keys = await store.list(`${database}/${id}`);
    try {
      for (const key of keys.filter(isReceiptKey)) await store.remove(key);
      done.deleted.push(id);
      await removeAll(
        store,
        keys.filter((key) => !isReceiptKey(key)),
        done,
      );
    } catch (error) {
      if (!store.capabilities.isImmutable || !(error instanceof HoldfastError)) throw error;
      if (!done.deleted.includes(id)) done.locked.push(id);
    }
  }
}

/**
 * Removes what killed runs left. It waits and looks again before: a run that has just written an archive writes the
 * receipt within seconds.
 */
export async function removeLeftovers(
  store: Store,
  database: string,
  leftovers: readonly Leftover[],
  done: Deletions,
  { graceMs, signal }: { graceMs: number; signal: AbortSignal },
): Promise<void> {
  if (leftovers.some(({ keys }) => keys.length > 0)) {
    await setTimeout(graceMs, undefined, { signal }).catch(() => {
      throw interrupted();
    });
  }
  for (const { id, wasBackup } of leftovers) {
    if (signal.aborted) throw interrupted();
    const keys = await store.list(`${database}/${id}`);
    if (keys.some(isReceiptKey)) continue;
    if (wasBackup) done.deleted.push(id);
    try {
      await removeAll(store, keys, done);
    } catch (error) {
      if (!store.capabilities.isImmutable || !(error instanceof HoldfastError)) throw error;
    }
  }
}

async function removeAll(store: Store, keys: readonly string[], done: Deletions) {
  for (const key of keys) {
    const sizeBytes = await store.size(key);
    await store.remove(key);
    done.freedBytes += sizeBytes ?? 0;
  }
}
