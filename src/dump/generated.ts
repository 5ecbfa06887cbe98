import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { TableEntry } from '../archive/tables.ts';
import { nowhere, type PlannedTable, planReads, readRows } from './rows.ts';

export type GeneratedDigest = NonNullable<Manifest['tables'][number]['generated']>;

/** A table to read, with its stored generated columns and those they are computed from. */
export interface PlannedGenerated extends PlannedTable {
  generated: readonly string[];
}

/**
 * Digests what stored generated columns hold. They are not carried, because a restore computes them again; with this it
 * shows whether it computed the same. The columns they come from are digested with them, so that values that merely
 * changed places are seen. Costs a second reading, of those columns of those tables only.
 *
 * @returns by ordinal of the table
 */
export async function readGenerated(
  clients: readonly pg.ClientBase[],
  planned: readonly PlannedGenerated[],
): Promise<Map<number, GeneratedDigest>> {
  const filled = planned.filter(({ generated }) => generated.length > 0);
  const reads = filled.map(({ entry, generated, sizeBytes }) => {
    // A condition, if only an empty one, makes it COPY (SELECT …): COPY of a table takes no generated column.
    const selected: TableEntry = { ...entry, columns: [...generated], filter: entry.filter ?? '' };
    return { entry: selected, sizeBytes };
  });
  const read = await readRows(
    clients,
    planReads(reads),
    () => nowhere,
    () => {},
  );
  return new Map(read.map(({ entry, digest }) => [entry.ordinal, { columns: entry.columns, digest }]));
}
