import type pg from 'pg';
import { readAll } from './read-all.ts';

/** One column of a system catalog. */
export interface CatalogColumn {
  name: string;
  /** `catalog.column`, as the tables of normalise.ts name it. */
  fullName: string;
  /** Its SQL type, as `pg_type.typname` says it: `oid`, `name`, `pg_node_tree`, `aclitem` arrays as `_aclitem`. */
  type: string;
  isReadable: boolean;
  /** The catalog whose rows its OIDs name; null when it holds none. */
  refersTo: string | null;
  /** For a column of attribute numbers: the column of the same row that names the relation they count in. */
  numbersColumnsOf: string | null;
}

/** A system catalog as this server describes it. */
export interface Catalog {
  name: string;
  oid: string;
  /** Shared by all databases of the cluster. */
  isShared: boolean;
  columns: CatalogColumn[];
  /** The unique index that says which row is which without an OID; `['oid']` where there is no other. */
  keyColumns: string[];
}

const columnsQuery = `
  select c.relname as catalog, c.oid::text as oid, c.relisshared as is_shared, a.attname as name, t.typname as type,
         pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') as is_readable
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and c.oid < 16384
  order by c.relname, a.attnum`;

const foreignKeysQuery = `
  select f.relname as catalog, k.fkcols as columns, p.relname as refers_to
  from pg_catalog.pg_get_catalog_foreign_keys() k
  join pg_catalog.pg_class f on f.oid = k.fktable
  join pg_catalog.pg_class p on p.oid = k.pktable`;

const uniqueIndexesQuery = `
  select c.relname as catalog, i.relname as index,
         array(select a.attname::text from pg_catalog.unnest(x.indkey::int2[]) with ordinality u(number, position)
               join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum = u.number
               order by u.position) as columns
  from pg_catalog.pg_index x
  join pg_catalog.pg_class c on c.oid = x.indrelid
  join pg_catalog.pg_class i on i.oid = x.indexrelid
  where c.relnamespace = 'pg_catalog'::regnamespace and c.relkind = 'r' and x.indisunique
  order by x.indisprimary desc, i.relname`;

/**
 * Attribute numbers that PostgreSQL 15 to 18 hold without naming them in `pg_get_catalog_foreign_keys()`:
 * column → the column that names their relation. Raw numbers would tell of dropped columns.
 */
const unlistedColumnNumbers: Record<string, string> = {
  'pg_publication_rel.prattrs': 'prrelid',
  'pg_constraint.confdelsetcols': 'conrelid',
};

interface ColumnRow {
  catalog: string;
  oid: string;
  is_shared: boolean;
  name: string;
  type: string;
  is_readable: boolean;
}

interface ForeignKeyRow {
  catalog: string;
  columns: string[];
  refers_to: string;
}

interface IndexRow {
  catalog: string;
  columns: string[];
}

/**
 * Reads which catalogs this server has, so that a catalog or a column of a release nobody has seen yet is part of the
 * fingerprint without a change here.
 */
export async function readCatalogs(client: pg.ClientBase): Promise<Catalog[]> {
  const [columns, foreignKeys, indexes] = await readAll<[ColumnRow, ForeignKeyRow, IndexRow]>(client, [
    columnsQuery,
    foreignKeysQuery,
    uniqueIndexesQuery,
  ]);
  const catalogs = new Map<string, Catalog>();
  for (const row of columns) {
    let catalog = catalogs.get(row.catalog);
    if (!catalog) {
      catalog = { name: row.catalog, oid: row.oid, isShared: row.is_shared, columns: [], keyColumns: [] };
      catalogs.set(row.catalog, catalog);
    }
    catalog.columns.push({
      name: row.name,
      fullName: `${row.catalog}.${row.name}`,
      type: row.type,
      isReadable: row.is_readable,
      refersTo: null,
      numbersColumnsOf: unlistedColumnNumbers[`${row.catalog}.${row.name}`] ?? null,
    });
  }
  for (const key of foreignKeys) {
    const [first, second] = key.columns;
    const column = (name: string | undefined) =>
      catalogs.get(key.catalog)?.columns.find((candidate) => candidate.name === name);
    const referring = column(second ?? first);
    if (!referring) continue;
    if (second === undefined) referring.refersTo = key.refers_to;
    else referring.numbersColumnsOf = first!;
  }
  for (const catalog of catalogs.values()) {
    const keys = indexes.filter((index) => index.catalog === catalog.name).map((index) => index.columns);
    catalog.keyColumns = identifyingKey(catalog, keys);
  }
  return [...catalogs.values()];
}

/** Prefers a key with a name in it (`attrelid, attname` over `attrelid, attnum`), and any over the OID. */
function identifyingKey(catalog: Catalog, keys: string[][]): string[] {
  const withoutOid = keys.filter((key) => !key.includes('oid'));
  const isName = (column: string) =>
    catalog.columns.some((candidate) => candidate.name === column && candidate.type === 'name');
  return withoutOid.find((key) => key.some(isName)) ?? withoutOid[0] ?? keys[0] ?? [];
}
