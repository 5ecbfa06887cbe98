import type { Catalog, CatalogColumn } from './catalogs.ts';
import { defaultPrivileges } from './default-privileges.ts';
import { defaultsOf, layoutOf } from './layout.ts';
import { sourceText } from './source-text.ts';
import { userRowsCondition } from './user-rows.ts';

/** One SELECT of one JSON array a row: the OID (or null), then the values of the layout. */
export function rowsQuery(catalog: Catalog): string {
  const layout = layoutOf(catalog);
  const values = [
    layout.hasOid ? 't.oid' : 'null',
    ...layout.columns.map((column) => selected(catalog, column)),
  ];
  return `select pg_catalog.json_build_array(${values.join(', ')})::text as row
    from pg_catalog.${catalog.name} t where ${userRowsCondition(catalog, layout)}`;
}

function selected(catalog: Catalog, column: CatalogColumn): string {
  if (column.name === 'toast_options') {
    return '(select x.reloptions from pg_catalog.pg_class x where x.oid = t.reltoastrelid)';
  }
  if (column.name.endsWith(defaultsOf(''))) {
    return defaultPrivileges(catalog, column.name.slice(0, -defaultsOf('').length));
  }
  if (column.type === 'pg_node_tree') {
    return `case when t.${column.name} is not null then ${sourceText(catalog, column)} end`;
  }
  if (column.type === 'regproc') return `t.${column.name}::oid`;
  // JSON numbers are doubles in JavaScript, and bigint sequences run to 2^63.
  if (column.type === 'int8') return `t.${column.name}::text`;
  return `t.${column.name}`;
}
