import { isReceiptKey } from '../archive/backup-id.ts';
import type { KnownBackup } from '../health/backups.ts';
import { backupId } from '../ledger/words.ts';
import type { Store } from '../store/store.ts';
import { snapshotTimeOf } from './snapshot-time.ts';

/** Objects without a receipt, which are no backup, or a backup that the ledger still promises and that is gone. */
export interface Leftover {
  id: string;
  /** Keys that are still there; none when only the ledger is behind. */
  keys: string[];
  why: string;
  /** Whether it was a backup that a pruning was deleting, and is to be recorded as deleted. */
  wasBackup: boolean;
}

/** A run may take hours from its snapshot to its receipt; after that long it is dead. GitHub ends a job after six. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * What killed runs left in a store: archives whose receipt a pruning had already removed, and archives that never got
 * one. An archive of which the ledger says that the store should have it, and which no rule deletes, is none of them:
 * its receipt was lost, and the archive may still be of use.
 *
 * @param about.begun backups that the ledger promises, that have no receipt, and that the rules delete
 */
export async function leftoversOf(
  store: Store,
  database: string,
  about: {
    known: ReadonlyMap<string, KnownBackup>;
    begun: ReadonlySet<string>;
    held: ReadonlyMap<string, string>;
    now: number;
  },
): Promise<Leftover[]> {
  const { known, begun, held, now } = about;
  const byId = new Map<string, string[]>([...begun].map((id) => [id, []]));
  for (const key of await store.list(database)) {
    const id = key.split('/')[1] ?? '';
    if (backupId.safeParse(id).success) byId.set(id, [...(byId.get(id) ?? []), key]);
  }
  const leftovers: Leftover[] = [];
  for (const [id, keys] of byId) {
    if (keys.some(isReceiptKey) || held.has(id)) continue;
    const backup = known.get(id);
    if (begun.has(id))
      leftovers.push({ id, keys, why: 'a pruning was stopped while it deleted it', wasBackup: true });
    else if (backup?.prunedFrom.includes(store.name))
      leftovers.push({ id, keys, why: 'it was pruned, but for this', wasBackup: false });
    else if (!backup?.stores.includes(store.name) && now - Date.parse(snapshotTimeOf(id)) > abandonedAfterMs)
      leftovers.push({ id, keys, why: 'it never got a receipt', wasBackup: false });
  }
  return leftovers.sort((a, b) => a.id.localeCompare(b.id));
}
