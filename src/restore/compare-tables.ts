import type { Manifest } from '../archive/manifest.ts';
import { digestOfAll } from '../archive/row-digest.ts';
import { qualifiedName } from '../lib/sql.ts';

export type ManifestTable = Manifest['tables'][number];

/** A table as it was read back. */
export interface ReadTable extends ManifestTable {
  /** The hash-partitioned table above it, among whose partitions its rows may be spread in another way; null: none. */
  loadThrough: { schema: string; name: string } | null;
}

export interface TablesComparison {
  /** Tables whose rows are not those of the snapshot, with what was found. */
  differentTables: { name: string; expectedRows: number; actualRows: number | null }[];
  /** Tables whose rows came back, and whose stored generated columns were computed to other values. */
  differentGenerated: string[];
  /** Hash-partitioned tables whose rows are those of the snapshot, as a whole, but lie in other partitions. */
  redistributed: string[];
  /** What is proved, for the content root: tables as they were read, redistributed ones as they were backed up. */
  proved: ManifestTable[];
}

/** Compares the tables of a restored database with those of the manifest. */
export function compareTables(
  expected: readonly ManifestTable[],
  actual: readonly ReadTable[],
): TablesComparison {
  const redistributed = redistributedTables(expected, actual);
  const asBackedUp = new Map(expected.map((table) => [qualifiedName(table), table]));
  const proved = actual.map(({ loadThrough, ...table }) =>
    loadThrough && redistributed.has(qualifiedName(loadThrough))
      ? asBackedUp.get(qualifiedName(table))!
      : table,
  );
  const remaining = new Map(proved.map((table) => [qualifiedName(table), table]));
  const result: TablesComparison = {
    differentTables: [],
    differentGenerated: [],
    redistributed: [...redistributed.values()],
    proved,
  };
  for (const table of expected) {
    const found = remaining.get(qualifiedName(table));
    remaining.delete(qualifiedName(table));
    const name = `${table.schema}.${table.name}`;
    if (found?.digest !== table.digest || found.rows !== table.rows)
      result.differentTables.push({ name, expectedRows: table.rows, actualRows: found?.rows ?? null });
    else if (table.generated && found.generated?.digest !== table.generated.digest)
      result.differentGenerated.push(name);
  }
  for (const extra of remaining.values()) {
    const name = `${extra.schema}.${extra.name}`;
    result.differentTables.push({ name, expectedRows: 0, actualRows: extra.rows });
  }
  return result;
}

/** Quoted name → `schema.table` of the hash-partitioned tables that differ by partition and are equal as a whole. */
function redistributedTables(
  expected: readonly ManifestTable[],
  actual: readonly ReadTable[],
): Map<string, string> {
  const before = new Map(expected.map((table) => [qualifiedName(table), table]));
  const families = Map.groupBy(
    actual.filter(({ loadThrough }) => loadThrough !== null),
    ({ loadThrough }) => qualifiedName(loadThrough!),
  );
  const found = new Map<string, string>();
  for (const [name, partitions] of families) {
    const originals = partitions.map((table) => before.get(qualifiedName(table)));
    if (!originals.every((table) => table !== undefined)) continue;
    const isSame = partitions.every((table, index) => textOf([table]) === textOf([originals[index]!]));
    const { schema, name: bare } = partitions[0]!.loadThrough!;
    if (!isSame && textOf(partitions) === textOf(originals)) found.set(name, `${schema}.${bare}`);
  }
  return found;
}

/** The content of some tables as one; columns as well, because rows can only be added up in one order of columns. */
function textOf(tables: readonly ManifestTable[]): string {
  const distinct = (values: unknown[]) => [...new Set(values.map((value) => JSON.stringify(value)))];
  return JSON.stringify([
    distinct(tables.map(({ columns }) => columns)),
    tables.reduce((sum, { rows }) => sum + rows, 0),
    digestOfAll(tables.map(({ digest }) => digest)),
    distinct(tables.map(({ generated }) => generated?.columns ?? [])),
    digestOfAll(tables.flatMap(({ generated }) => generated?.digest ?? [])),
  ]);
}
