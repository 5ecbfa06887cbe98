import { z } from 'zod';
import { type BackupRecord, count, namedTable } from '../ledger/record.ts';
import { shownLimits } from './shown-limits.ts';

/** Names of tables with their rows, for a page whose configuration says `publish: { details: tables }`. */

export const namedTablesSchema = z
  .strictObject({
    /** The largest first. */
    tables: z.array(namedTable),
    /** Others that are not listed. */
    more: count,
  })
  .nullable();

type NamedTables = z.infer<typeof namedTablesSchema>;

/**
 * The tables of a backup by name, the largest first. Null unless they are to be published, and where the ledger has no
 * names: records of before are as they were written, whatever the configuration says now.
 *
 * @param result of the record of the backup
 */
export function namedTablesOf(
  { tables: count, namedTables }: NonNullable<BackupRecord['result']>,
  publish: boolean,
): NamedTables {
  if (!publish || namedTables === null) return null;
  const shown = largestTables(namedTables);
  return { tables: shown, more: Math.max(0, count - shown.length) };
}

/** The largest first, and no more than the page shows: the ledger keeps every line for ever. */
export function largestTables(tables: readonly z.infer<typeof namedTable>[]): z.infer<typeof namedTable>[] {
  const largest = tables.toSorted((a, b) => b.rows - a.rows || a.name.localeCompare(b.name, 'en'));
  return largest.slice(0, shownLimits.tables);
}
