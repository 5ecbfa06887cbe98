import { createHash } from 'node:crypto';
import { z } from 'zod';
import { backupId, databaseName, digest, instant } from '../ledger/record.ts';
import { IntegrityError } from '../lib/errors.ts';
import { archiveFormatVersion } from './manifest.ts';
import { sourceLoadSchema } from './source-load.ts';

/**
 * `receipt.json`, beside an archive and written after it: without a receipt a backup does not exist. It is public-safe:
 * sizes, counts, times and digests, and of names only the configured one.
 */
export const receiptSchema = z.strictObject({
  version: z.literal(1),
  formatVersion: z.literal(archiveFormatVersion),
  id: backupId,
  database: databaseName,
  snapshotAt: instant,
  finishedAt: instant,
  durationMs: z.int().nonnegative(),
  trigger: z.string(),
  /** The backup that the manifest names, when this one is that one encrypted again to other recipients. */
  rekeyedFrom: backupId.optional(),
  /** Absent when a database itself was read. */
  source: z.literal('crm-api').optional(),
  serverMajor: z.int(),
  archive: z.strictObject({
    name: z.enum(['archive.tar', 'archive.tar.age']),
    sizeBytes: z.int().positive(),
    digest,
  }),
  /** Fingerprints of the recipients; null when encryption was turned off. */
  recipients: z
    .array(z.string().regex(/^[0-9a-f]{16}$/))
    .min(1)
    .nullable(),
  rawBytes: z.int().nonnegative(),
  tables: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  notCarried: z.int().nonnegative(),
  /** Absent when no server was read, and in receipts made before it was measured. */
  load: sourceLoadSchema.optional(),
  fingerprint: digest,
  contentRoot: digest,
  manifestDigest: digest,
});

export type Receipt = z.infer<typeof receiptSchema>;

/** The first 16 hexadecimal digits of the SHA-256 of the recipient's text. */
export function recipientFingerprint(recipient: string): string {
  return createHash('sha256').update(recipient).digest('hex').slice(0, 16);
}

/** The time in an id sorts backups: with the id of another time an old archive could be offered as a new one. */
function isOfItsSnapshot({ id, rekeyedFrom = id }: Receipt): boolean {
  const randomLetters = 4;
  return id.slice(0, -randomLetters) === rekeyedFrom.slice(0, -randomLetters);
}

/** @throws IntegrityError when the bytes are not a receipt of a known version */
export function parseReceipt(bytes: Uint8Array, where: string): Receipt {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    value = null;
  }
  const parsed = receiptSchema.safeParse(value);
  if (parsed.success && isOfItsSnapshot(parsed.data)) return parsed.data;
  const field = parsed.error ? parsed.error.issues[0]?.path.join('.') || 'the whole document' : 'rekeyedFrom';
  throw new IntegrityError(`The receipt ${where} is not valid (${field}).`, {
    hint: 'The archive beside it may be sound: use another copy, or restore by hand as docs/restore-by-hand.md says.',
    publicReason: 'a receipt is damaged',
  });
}
