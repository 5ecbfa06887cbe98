import type { Receipt } from '../archive/receipt.ts';
import { isRebuilt } from './rebuild.ts';
import { type BackupRecord, isMaking, type LedgerRecord, type RekeyRecord } from './record.ts';

/**
 * Whether an archive is the one that was made. It is encrypted to a public recipient, so whoever can write to a store can
 * put another in its place, receipt and all; the ledger is kept elsewhere, and was told of the archive by the run that made it.
 *
 * - `vouched` the run that made it recorded this digest
 * - `other` the ledger knows another archive under this id
 * - `rebuilt` the ledger only knows what this receipt, or one like it, once told it
 * - `unknown` the ledger has never heard of it
 */
export type Vouching = 'vouched' | 'other' | 'rebuilt' | 'unknown';

/** What the ledger says of an archive; a single record that tells of another one outweighs any that agree. */
export function vouchFor(receipt: Receipt, records: readonly LedgerRecord[]): Vouching {
  const own = records.filter(
    (record): record is BackupRecord | RekeyRecord =>
      isMaking(record) && record.outcome === 'succeeded' && record.backupId === receipt.id,
  );
  if (own.length === 0) return 'unknown';
  if (!own.every((record) => tellsOf(record, receipt))) return 'other';
  return own.some(saysOfItself) ? 'vouched' : 'rebuilt';
}

/** A backup that was encrypted again is worth the word that was given for the one it was made of. */
function saysOfItself(record: BackupRecord | RekeyRecord): boolean {
  return record.verb === 'rekey' ? record.result!.vouched : !isRebuilt(record);
}

function tellsOf({ database, result }: BackupRecord | RekeyRecord, receipt: Receipt): boolean {
  return (
    result !== null &&
    database === receipt.database &&
    result.contentRoot === receipt.contentRoot &&
    result.copies.every(({ digest }) => digest === receipt.archive.digest)
  );
}
