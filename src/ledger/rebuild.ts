import type { z } from 'zod';
import type { Receipt } from '../archive/receipt.ts';
import { digestOf } from '../lib/digest.ts';
import { copyOf, resultOf } from './of-receipt.ts';
import { type BackupRecord, isMaking, type LedgerRecord, recordSchema } from './record.ts';

/** Where a backup with this receipt was found. */
export interface FoundCopy {
  receipt: Receipt;
  store: { name: string; kind: string };
}

/**
 * Records of the backups that a ledger does not know, made of their receipts. The same receipts give the same records,
 * also to two rebuilds at once. What a receipt does not say (who started it, in which run) stays null.
 *
 * @param found copies whose archive is there in full
 */
export function missingRecords(found: readonly FoundCopy[], known: readonly LedgerRecord[]): BackupRecord[] {
  const knownIds = new Set(known.flatMap((record) => (isMaking(record) && record.backupId) || []));
  const byId = Map.groupBy(
    found.filter(({ receipt }) => !knownIds.has(receipt.id)),
    ({ receipt }) => receipt.id,
  );
  const records = [...byId.values()].map((copies) => recordOf(copies[0]!.receipt, copies));
  return records.sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/** Whether a record was made of a receipt: then it says nothing that whoever wrote the receipt did not want said. */
export function isRebuilt({ id, backupId }: BackupRecord): boolean {
  return backupId !== null && id === rebuiltId(backupId);
}

/** The id of a record is how a rebuilt one is told from others, in ledgers of every version. */
export function rebuiltId(backupId: string): string {
  return digestOf(Buffer.from(`rebuilt ${backupId}`)).slice('sha256:'.length, 'sha256:'.length + 16);
}

function recordOf(receipt: Receipt, copies: readonly FoundCopy[]): BackupRecord {
  const { finishedAt, durationMs } = receipt;
  // What has a default is what no receipt tells.
  const record: z.input<typeof recordSchema> = {
    version: 1,
    id: rebuiltId(receipt.id),
    verb: 'backup',
    database: receipt.database,
    outcome: 'succeeded',
    intendedAt: null,
    startedAt: new Date(Date.parse(finishedAt) - durationMs).toISOString(),
    finishedAt,
    durationMs,
    trigger: receipt.trigger,
    runUrl: null,
    actor: null,
    reason: null,
    errorKind: null,
    backupId: receipt.id,
    result: resultOf(
      receipt,
      copies.map(({ store }) => copyOf(store, receipt)),
    ),
  };
  return recordSchema.parse(record) as BackupRecord;
}
