import { Readable } from 'node:stream';
import { isReceiptKey, keysOf, objectKeys } from '../archive/backup-id.ts';
import { parseReceipt, type Receipt } from '../archive/receipt.ts';
import { backupId } from '../ledger/record.ts';
import { HoldfastError, IntegrityError } from '../lib/errors.ts';
import type { Store } from './store.ts';

/** A backup as one store holds it. */
export interface StoredBackup {
  store: Store;
  id: string;
  /** Null when the receipt can't be used; `problem` says why. */
  receipt: Receipt | null;
  problem: string | null;
}

/**
 * The backups of a database in a store, newest first. A folder without a receipt is no backup and is not among them;
 * one with a damaged receipt is, because it must not vanish from sight.
 */
export async function listBackups(store: Store, database: string): Promise<StoredBackup[]> {
  const keys = await store.list(database);
  const ids = keys.filter(isReceiptKey).map((key) => key.split('/')[1] ?? '');
  const known = ids.filter((id) => backupId.safeParse(id).success);
  const backups = await Promise.all(known.map((id) => readBackup(store, database, id)));
  return backups.sort((a, b) => b.id.localeCompare(a.id));
}

async function readBackup(store: Store, database: string, id: string): Promise<StoredBackup> {
  try {
    const key = objectKeys(database, id, true).receipt;
    const bytes = await readShort(await store.get(key));
    const receipt = parseReceipt(bytes, `of ${id} in store ${store.name}`);
    if (receipt.id === id && receipt.database === database) return { store, id, receipt, problem: null };
    throw new IntegrityError(`The receipt of ${id} in store ${store.name} is that of ${receipt.id}.`);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return { store, id, receipt: null, problem: error.message };
  }
}

/** A receipt has some 900 bytes. Whatever else lies in its place must not fill our memory. */
const maxReceiptBytes = 64 << 10;

/** @returns the bytes; of too many only the first, which are no receipt */
async function readShort(source: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  let sizeBytes = 0;
  for await (const part of source) {
    parts.push(part as Buffer);
    sizeBytes += (part as Buffer).length;
    if (sizeBytes > maxReceiptBytes) break;
  }
  return Buffer.concat(parts);
}

/** Writes the receipt, which makes the backup exist. */
export async function putReceipt(store: Store, receipt: Receipt): Promise<void> {
  await store.put(
    keysOf(receipt).receipt,
    Readable.from([Buffer.from(`${JSON.stringify(receipt, null, 2)}\n`)]),
  );
}
