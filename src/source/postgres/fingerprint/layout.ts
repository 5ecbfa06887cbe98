import type { Catalog, CatalogColumn } from './catalogs.ts';
import { attributesLeftOut } from './normalise.ts';

/** What a query of `rowsQuery` yields for each row. */
export interface RowLayout {
  hasOid: boolean;
  /** In the order of the values, after the OID. */
  columns: CatalogColumn[];
  /** Those that make the identity. */
  keys: CatalogColumn[];
  /** Those that make the attributes. */
  attributes: CatalogColumn[];
}

/** Columns an entry is made of: readable, and not left out unless the identity needs them. */
export function layoutOf(catalog: Catalog): RowLayout {
  const columns = catalog.columns.filter(
    (column) =>
      column.isReadable &&
      column.name !== 'oid' &&
      (catalog.keyColumns.includes(column.name) || !(column.fullName in attributesLeftOut)),
  );
  const isKey = (column: CatalogColumn) => catalog.keyColumns.includes(column.name);
  const isCompared = (column: CatalogColumn) => !(column.fullName in attributesLeftOut);
  const defaults = columns
    .filter((column) => column.type === '_aclitem')
    .map((column) => derived(catalog, defaultsOf(column.name), '_aclitem'));
  const toast = catalog.name === 'pg_class' ? [derived(catalog, 'toast_options', '_text')] : [];
  return {
    hasOid: catalog.columns.some((column) => column.name === 'oid'),
    columns: [...columns, ...toast, ...defaults],
    keys: columns.filter((column) => isKey(column) && isCompared(column)),
    attributes: [...columns.filter((column) => !isKey(column) && isCompared(column)), ...toast],
  };
}

function derived(catalog: Catalog, name: string, type: string): CatalogColumn {
  return {
    name,
    fullName: `${catalog.name}.${name}`,
    type,
    isReadable: true,
    refersTo: null,
    numbersColumnsOf: null,
  };
}

/** Name under which a row carries the default privileges that a column of privileges is told against. */
export function defaultsOf(column: string): string {
  return `${column} by default`;
}
