import type { Catalog, CatalogColumn } from './catalogs.ts';
import type { RowLayout } from './layout.ts';

/** OIDs below this are built in (`FirstNormalObjectId` in access/transam.h). */
export const firstUserOid = 16384;

/** SQL condition over `t`: of this database, neither temporary nor TOAST, and not of the server's making. */
export function userRowsCondition(catalog: Catalog, layout: RowLayout): string {
  const conditions: string[] = [];
  const ofDatabase = catalog.columns.find((column) => column.refersTo === 'pg_database');
  if (catalog.name === 'pg_database') conditions.push('t.datname = pg_catalog.current_database()');
  else if (ofDatabase) {
    conditions.push(
      `t.${ofDatabase.name} = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())`,
    );
  } else if (layout.hasOid) conditions.push(userOidCondition(catalog));
  else {
    const references = catalog.columns.filter((column) => column.refersTo && !isArray(column));
    conditions.push(
      `(${references.map((column) => `t.${column.name} >= ${firstUserOid}`).join(' or ') || 'true'})`,
    );
  }
  for (const column of catalog.columns) {
    if (!catalog.keyColumns.includes(column.name)) continue;
    if (column.refersTo === 'pg_namespace') conditions.push(`t.${column.name} not in (${passingSchemas})`);
    if (column.refersTo === 'pg_class') conditions.push(`t.${column.name} not in (${passingRelations})`);
  }
  if (catalog.name in ownConditions) conditions.push(ownConditions[catalog.name]!);
  return conditions.join(' and ');
}

function userOidCondition(catalog: Catalog): string {
  // `public` may have been dropped and made again, and an extension that initdb made may be another one now:
  // both are compared whatever their OIDs.
  if (catalog.name === 'pg_extension') return 'true';
  // Whoever makes a large object may choose its number, and initdb makes none.
  if (catalog.name === 'pg_largeobject_metadata') return 'true';
  const isPublic = catalog.name === 'pg_namespace' ? `or t.nspname = 'public'` : '';
  return `(t.oid >= ${firstUserOid} ${isPublic} or t.oid in (select d.objid from pg_catalog.pg_depend d
    where d.classid = ${catalog.oid} and d.deptype = 'e'))`;
}

const passingSchemas = `select n.oid from pg_catalog.pg_namespace n where n.nspname ~ '^pg_(toast|temp_|toast_temp_)'`;
const passingRelations = `select c.oid from pg_catalog.pg_class c where c.relnamespace in (${passingSchemas})`;

const ownConditions: Readonly<Record<string, string>> = {
  // A system column matters only when somebody granted a privilege on it.
  pg_attribute: 'not t.attisdropped and (t.attnum > 0 or t.attacl is not null)',
  pg_namespace: `t.nspname !~ '^pg_(toast|temp_|toast_temp_)'`,
  // The array type of a type is told as `type[]` wherever it is used.
  pg_type: 'not exists (select from pg_catalog.pg_type e where e.typarray = t.oid)',
};

function isArray(column: CatalogColumn): boolean {
  return column.type.startsWith('_') || column.type.endsWith('vector');
}
