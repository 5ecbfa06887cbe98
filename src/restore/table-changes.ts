import type { Manifest } from '../archive/manifest.ts';
import type { ChosenTables } from './choose-tables.ts';

export interface TableChange {
  name: string;
  /** Null: there is no such table on that side. */
  rowsNow: number | null;
  rowsAfter: number | null;
}

/** @param chosen null: all tables are replaced */
export function tableChanges(
  manifest: Manifest,
  rowsNow: Map<string, number>,
  chosen: ChosenTables | null,
): TableChange[] {
  const nameOf = (table: { schema: string; name: string }) => `${table.schema}.${table.name}`;
  const after = new Map((chosen?.restored ?? manifest.tables).map((table) => [nameOf(table), table.rows]));
  for (const table of chosen?.emptied ?? []) after.set(nameOf(table), 0);
  const names = chosen ? [...after.keys()] : [...new Set([...rowsNow.keys(), ...after.keys()])].sort();
  return names.map((name) => ({
    name,
    rowsNow: rowsNow.get(name) ?? null,
    rowsAfter: after.get(name) ?? null,
  }));
}
