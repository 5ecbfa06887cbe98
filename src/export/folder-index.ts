import { z } from 'zod';
import type { TableEntry } from '../archive/tables.ts';

/** `index.json` of an exported folder: which file holds which table. */

export const indexName = 'index.json';

export const indexSchema = z.object({
  version: z.literal(1),
  kind: z.literal('holdfast export'),
  id: z.string(),
  database: z.string(),
  snapshotAt: z.string(),
  format: z.enum(['csv', 'copy']),
  tables: z.array(
    z.object({
      file: z.string(),
      schema: z.string(),
      table: z.string(),
      columns: z.array(z.string()),
      rows: z.int().nonnegative(),
    }),
  ),
  /** What the backup itself does not hold. */
  notCarried: z.array(z.object({ kind: z.string(), name: z.string(), reason: z.string() })),
});

export type FolderIndex = z.infer<typeof indexSchema>;

const maxNameLength = 100;

/**
 * A name for each table's file, by ordinal, that every file system takes: `schema.table` where it is plain and the
 * first of its spelling in any case, otherwise what is left of it with the ordinal, which is unique.
 */
export function fileNames(tables: readonly TableEntry[], extension: string): Map<number, string> {
  const taken = new Set<string>();
  const names = new Map<number, string>();
  for (const table of tables) {
    const wanted = `${table.schema}.${table.name}`;
    const plain = wanted
      .replace(/[^A-Za-z0-9_.-]/g, '_')
      .replace(/^[.-]/, '_')
      .slice(0, maxNameLength);
    const isOwn = plain === wanted && !taken.has(plain.toLowerCase());
    const name = isOwn ? plain : `${plain}~${table.ordinal}`;
    taken.add(name.toLowerCase());
    names.set(table.ordinal, `${name}.${extension}`);
  }
  return names;
}
