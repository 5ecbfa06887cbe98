import { createHash } from 'node:crypto';
import { z } from 'zod';
import { backupId, databaseName, digest, instant } from '../ledger/record.ts';
import { sourceSchema } from './tables.ts';

/** `manifest.json`, the last entry of an archive: the full description. It may hold names and is encrypted with the rest. */

export const archiveFormatVersion = 1;
const rowDigest = z.string().regex(/^rows1:[0-9a-f]{32}$/);
const count = z.int().nonnegative();

export const manifestSchema = z.strictObject({
  version: z.literal(archiveFormatVersion),
  id: backupId,
  database: databaseName,
  snapshotAt: instant,
  madeBy: z.strictObject({ holdfast: z.string(), pgDump: z.string() }),
  source: sourceSchema,
  tables: z.array(
    z.strictObject({
      ordinal: z.int().positive(),
      schema: z.string(),
      name: z.string(),
      columns: z.array(z.string()),
      rows: count,
      digest: rowDigest,
      /** Bytes of COPY text. */
      rawBytes: count,
      /** Stored generated columns with those they are computed from: what they held. Absent without any. */
      generated: z.strictObject({ columns: z.array(z.string()), digest: rowDigest }).optional(),
    }),
  ),
  sequences: z.array(
    z.strictObject({ schema: z.string(), name: z.string(), lastValue: z.string(), isCalled: z.boolean() }),
  ),
  largeObjects: z.array(z.strictObject({ oid: count, sizeBytes: count, digest })),
  notCarried: z.array(z.strictObject({ kind: z.string(), name: z.string(), reason: z.string() })),
  /** Hash of the schema's canonical description. */
  fingerprint: digest,
  contentRoot: digest,
  /** Every entry before this one, in order. */
  entries: z.array(z.strictObject({ name: z.string(), sizeBytes: count, digest })),
});

export type Manifest = z.infer<typeof manifestSchema>;

/**
 * One digest over what must come back: the schema's fingerprint, each table's rows, each sequence's value,
 * each large object. Equal
 * content gives an equal root wherever and in whatever order it was read. FORMAT.md, "Content root".
 */
export function contentRoot(
  content: Pick<Manifest, 'fingerprint' | 'tables' | 'sequences' | 'largeObjects'>,
): string {
  const lines = [
    ...content.tables.map((table) =>
      JSON.stringify(['table', table.schema, table.name, table.columns, table.rows, table.digest]),
    ),
    ...content.tables.flatMap(({ schema, name, generated }) =>
      generated ? [JSON.stringify(['generated', schema, name, generated.columns, generated.digest])] : [],
    ),
    ...content.sequences.map(({ schema, name, lastValue, isCalled }) =>
      JSON.stringify(['sequence', schema, name, lastValue, isCalled]),
    ),
    ...content.largeObjects.map(({ oid, sizeBytes, digest }) =>
      JSON.stringify(['large-object', oid, sizeBytes, digest]),
    ),
  ].sort();
  const hash = createHash('sha256').update(`holdfast content root 1\n${content.fingerprint}\n`);
  for (const line of lines) hash.update(`${line}\n`);
  return `sha256:${hash.digest('hex')}`;
}
