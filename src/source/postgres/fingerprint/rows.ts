import type pg from 'pg';
import type { Catalog, CatalogColumn } from './catalogs.ts';
import { rowsQuery } from './entries.ts';
import { layoutOf, type RowLayout } from './layout.ts';
import { catalogsLeftOut, rankedAttributes } from './normalise.ts';
import { readAll } from './read-all.ts';

/** A row of a catalog as the server holds it, OIDs and all. */
export interface CatalogRow {
  catalog: Catalog;
  layout: RowLayout;
  /** Null where the catalog has no OIDs. */
  oid: string | null;
  values: Record<string, unknown>;
  /** Its place among the rows of its parent, from 1; null where places mean nothing. */
  rank: number | null;
}

/** All user rows, and the ways to find one. */
export interface CatalogRows {
  all: CatalogRow[];
  /** `catalog:oid` → row. */
  byOid: Map<string, CatalogRow>;
  /** OID of a relation → attribute number → column name. */
  columnNames: Map<string, Map<number, string>>;
}

/** Catalogs whose rows say something about one object of any kind, named by the OID of its catalog and its own. */
export function isAboutAnyObject(catalog: Catalog): boolean {
  return addressColumns(catalog) !== null;
}

/** The columns that name the object: its catalog, its OID and (null: never) its part. */
export function addressColumns(
  catalog: Catalog,
): { classColumn: string; object: string; part: string | null } | null {
  const named = (...names: string[]) => catalog.columns.find((column) => names.includes(column.name))?.name;
  const classColumn = named('classoid', 'classid');
  const object = named('objoid', 'objid');
  return classColumn && object ? { classColumn, object, part: named('objsubid') ?? null } : null;
}

/** Whether its rows are entries of this database's schema. */
export function isCompared(catalog: Catalog): boolean {
  if (catalog.name in catalogsLeftOut || isAboutAnyObject(catalog)) return false;
  // Roles, tablespaces and settings of the whole cluster belong to no database.
  return (
    !catalog.isShared ||
    catalog.name === 'pg_database' ||
    catalog.columns.some((column) => column.refersTo === 'pg_database')
  );
}

/** Reads the user rows of every compared catalog in one round trip. */
export async function readRows(client: pg.ClientBase, catalogs: readonly Catalog[]): Promise<CatalogRows> {
  const read = catalogs.filter((catalog) => isCompared(catalog) && isReadable(catalog));
  const results = await readAll<{ row: string }[]>(client, read.map(rowsQuery));
  const rows: CatalogRows = { all: [], byOid: new Map(), columnNames: new Map() };
  for (const [index, catalog] of read.entries()) {
    const layout = layoutOf(catalog);
    for (const { row } of results[index]!) {
      const [oid, ...values] = JSON.parse(row) as [string | null, ...unknown[]];
      const record: CatalogRow = { catalog, layout, oid, values: {}, rank: null };
      for (const [position, column] of layout.columns.entries()) {
        record.values[column.name] = split(column, values[position]);
      }
      rows.all.push(record);
      if (oid !== null) rows.byOid.set(`${catalog.name}:${oid}`, record);
      if (catalog.name === 'pg_attribute') nameColumn(rows, record);
    }
  }
  for (const [attribute, parent] of Object.entries(rankedAttributes)) rank(rows, attribute, parent);
  return rows;
}

/** Whether the role may read enough of it to tell its rows apart. */
export function isReadable(catalog: Catalog): boolean {
  const isNeeded = ({ name }: { name: string }) => name === 'oid' || catalog.keyColumns.includes(name);
  return catalog.columns.every((column) => column.isReadable || !isNeeded(column));
}

/** `oidvector` and `int2vector` come as text; every other array as an array. */
function split(column: CatalogColumn, value: unknown): unknown {
  if (typeof value !== 'string' || !column.type.endsWith('vector')) return value;
  const items = value === '' ? [] : value.split(' ');
  return column.type === 'int2vector' ? items.map(Number) : items;
}

function nameColumn(rows: CatalogRows, { values }: CatalogRow) {
  const relation = values['attrelid'] as string;
  const names = rows.columnNames.get(relation) ?? new Map<number, string>();
  rows.columnNames.set(relation, names);
  names.set(values['attnum'] as number, values['attname'] as string);
}

/** System columns have negative numbers and no rank. */
function rank(rows: CatalogRows, attribute: string, parent: string) {
  const [catalog, column] = attribute.split('.') as [string, string];
  const families = new Map<unknown, CatalogRow[]>();
  for (const row of rows.all) {
    if (row.catalog.name !== catalog || (row.values[column] as number) < 0) continue;
    const family = families.get(row.values[parent]);
    if (family) family.push(row);
    else families.set(row.values[parent], [row]);
  }
  for (const family of families.values()) {
    family.sort((one, other) => (one.values[column] as number) - (other.values[column] as number));
    for (const [index, row] of family.entries()) row.rank = index + 1;
  }
}
