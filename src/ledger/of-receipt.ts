import type { z } from 'zod';
import type { Receipt } from '../archive/receipt.ts';
import type { Copy } from './record.ts';
import type { backupResult } from './results.ts';

/** What the ledger says of a copy. */
export function copyOf(
  store: { name: string; kind: string },
  { archive: { sizeBytes, digest } }: Receipt,
): Copy {
  return { store: store.name, kind: store.kind, sizeBytes, digest };
}

/** What the ledger says of a backup that its receipt says too. */
export function resultOf(receipt: Receipt, copies: Copy[]) {
  return {
    snapshotAt: receipt.snapshotAt,
    copies,
    sizeBytes: receipt.archive.sizeBytes,
    rawBytes: receipt.rawBytes,
    tables: receipt.tables,
    rows: receipt.rows,
    contentRoot: receipt.contentRoot,
    fingerprint: receipt.fingerprint,
    serverMajor: receipt.serverMajor,
    formatVersion: receipt.formatVersion,
    encrypted: receipt.recipients !== null,
    recipients: receipt.recipients,
    source: receipt.source ?? 'postgres',
    rekeyedFrom: receipt.rekeyedFrom ?? null,
  } satisfies z.input<typeof backupResult>;
}
