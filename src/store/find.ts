import type { Receipt } from '../archive/receipt.ts';
import { isRegularTrigger } from '../ledger/record.ts';
import { ConfigError, IntegrityError, StoreError } from '../lib/errors.ts';
import { listBackups, type StoredBackup } from './receipts.ts';
import type { Store } from './store.ts';

/** A copy whose receipt can be used. */
export interface SoundCopy extends StoredBackup {
  receipt: Receipt;
}

/** Each backup of a database once, newest first, with the copies that the reachable stores hold. */
export async function findBackups(
  stores: readonly Store[],
  database: string,
): Promise<{ id: string; copies: StoredBackup[] }[]> {
  const listings = await Promise.allSettled(stores.map((store) => listBackups(store, database)));
  if (listings.every((listing) => listing.status === 'rejected'))
    throw (listings[0] as PromiseRejectedResult).reason;
  const byId = new Map<string, StoredBackup[]>();
  for (const listing of listings) {
    if (listing.status === 'rejected') continue;
    for (const copy of listing.value) byId.set(copy.id, [...(byId.get(copy.id) ?? []), copy]);
  }
  return [...byId].map(([id, copies]) => ({ id, copies })).sort((a, b) => b.id.localeCompare(a.id));
}

/** What a restore took of its target before replacing it is not what anyone means by the latest backup. */
export function isRegular({ copies }: { copies: StoredBackup[] }): boolean {
  return copies.some(({ receipt }) => receipt === null || isRegularTrigger(receipt.trigger));
}

/**
 * The copies of one backup, by id or the word `latest`.
 *
 * @throws ConfigError when there is none of that id; StoreError when there is no backup at all; IntegrityError when its
 *         receipts are all damaged, instead of quietly taking an older backup
 */
export async function findCopies(
  stores: readonly Store[],
  database: string,
  idOrLatest: string,
): Promise<SoundCopy[]> {
  const backups = await findBackups(stores, database);
  if (backups.length === 0) {
    throw new StoreError(`No store holds a backup of ${database}.`, {
      hint: 'Run `holdfast backup` first, or check the paths of the stores.',
      publicReason: 'no store holds a backup',
    });
  }
  const found =
    idOrLatest === 'latest' ? backups.find(isRegular) : backups.find((backup) => backup.id === idOrLatest);
  if (!found) {
    throw new ConfigError(`No store holds a backup ${JSON.stringify(idOrLatest)} of ${database}.`, {
      hint: `\`holdfast list\` shows them; the newest is ${backups[0]!.id}.`,
      publicReason: 'no such backup',
    });
  }
  const sound = found.copies.filter((copy): copy is SoundCopy => copy.receipt !== null);
  if (sound.length > 0) return sound;
  const older = backups.find((backup) => backup.id < found.id && backup.copies.some((copy) => copy.receipt));
  throw new IntegrityError(found.copies[0]!.problem ?? `The receipt of ${found.id} is damaged.`, {
    hint: older ? `The next older backup is ${older.id}.` : 'There is no older backup.',
    publicReason: 'a receipt is damaged',
  });
}
