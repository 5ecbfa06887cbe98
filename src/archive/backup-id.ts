import type { Receipt } from './receipt.ts';

/** `<database>-<UTC snapshot time>-<4 random base32>`: sorts by time within a database, and names no secret. */

const base32 = 'abcdefghijklmnopqrstuvwxyz234567';

/**
 * @param snapshotAt milliseconds since the epoch
 * @param random bytes, at least four
 */
export function makeBackupId(database: string, snapshotAt: number, random: Uint8Array): string {
  const time = `${new Date(snapshotAt).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const suffix = [...random.subarray(0, 4)].map((byte) => base32[byte % 32]).join('');
  return `${database}-${time}-${suffix}`;
}

/** Where a backup's two objects live in any store. */
export function objectKeys(
  database: string,
  id: string,
  isEncrypted: boolean,
): { archive: string; receipt: string } {
  const folder = `${database}/${id}`;
  return { archive: `${folder}/archive.tar${isEncrypted ? '.age' : ''}`, receipt: `${folder}/receipt.json` };
}

/** Where the objects of the backup with this receipt are. */
export function keysOf({ database, id, recipients }: Receipt): { archive: string; receipt: string } {
  return objectKeys(database, id, recipients !== null);
}

export function isReceiptKey(key: string): boolean {
  return key.endsWith('/receipt.json');
}
