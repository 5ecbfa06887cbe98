import { HoldfastError } from '../lib/errors.ts';
import { listBackups, type StoredBackup } from './receipts.ts';
import type { Store } from './store.ts';

/** What the stores hold of a database, beside what they should hold. */
export interface Survey {
  /** Newest first: those that a store has, and those that one should have. */
  backups: SurveyedBackup[];
  /** Stores that could not be listed: nothing is known of what they hold. */
  unreachable: { store: Store; error: HoldfastError }[];
  /** Stores that could be listed and don't have all that they should. */
  lacking: Lack[];
}

export interface Lack {
  store: Store;
  /** How many of `promised` backups are not there. */
  missing: number;
  promised: number;
}

export interface SurveyedBackup {
  id: string;
  /** With usable receipts and with damaged ones. */
  copies: StoredBackup[];
  /** Stores that should have a copy and, though reachable, do not list one. */
  missing: Store[];
}

/** A backup that stores were given, by the ledger. */
export interface Promised {
  id: string;
  snapshotAt: string;
  /** Names of the stores that should hold it. */
  stores: readonly string[];
}

const dayMs = 86_400_000;

/**
 * Lists what each store holds of a database, and holds it against what it should: a store that was emptied must not
 * look healthy. A store that can't be reached hides nothing of the others.
 *
 * @param promised by the ledger; nothing is missing where nothing was promised
 * @param now milliseconds since the epoch: what a store deletes by itself after a time is not missing afterwards
 */
export async function surveyStores(
  stores: readonly Store[],
  database: string,
  promised: readonly Promised[] = [],
  now = 0,
): Promise<Survey> {
  const survey: Survey = { backups: [], unreachable: [], lacking: [] };
  const byId = new Map<string, SurveyedBackup>();
  const entryOf = (id: string) => {
    const entry = byId.get(id) ?? { id, copies: [], missing: [] };
    byId.set(id, entry);
    return entry;
  };
  const listings = await Promise.allSettled(stores.map((store) => listBackups(store, database)));
  for (const [index, store] of stores.entries()) {
    const listing = listings[index]!;
    if (listing.status === 'rejected') {
      if (!(listing.reason instanceof HoldfastError)) throw listing.reason;
      survey.unreachable.push({ store, error: listing.reason });
    }
    const copies = listing.status === 'fulfilled' ? listing.value : null;
    for (const copy of copies ?? []) entryOf(copy.id).copies.push(copy);
    const own = promised.filter(
      (backup) => backup.stores.includes(store.name) && !hasExpired(backup, store, now),
    );
    const there = copies && new Set(copies.map(({ id }) => id));
    const missing = there ? own.filter(({ id }) => !there.has(id)) : [];
    for (const { id } of own) entryOf(id);
    for (const { id } of missing) entryOf(id).missing.push(store);
    if (missing.length > 0) survey.lacking.push({ store, missing: missing.length, promised: own.length });
  }
  survey.backups = [...byId.values()].sort((a, b) => b.id.localeCompare(a.id));
  return survey;
}

/** Whether a store has deleted a backup by itself, as artifacts are, or may do so any moment. */
export function hasExpired({ snapshotAt }: { snapshotAt: string }, store: Store, now: number): boolean {
  const { maxRetentionDays } = store.capabilities;
  // A day early: the store counts from when it got the copy, and deletes when it likes.
  return maxRetentionDays !== null && now > Date.parse(snapshotAt) + (maxRetentionDays - 1) * dayMs;
}
