import type pg from 'pg';
import type { CatalogRow, CatalogRows } from './rows.ts';

/** Names objects without their OIDs. */
export interface Identities {
  /** A row among its catalog's. */
  ofRow(row: CatalogRow): string;
  /** What an OID in a column that refers to `catalog` names; null for 0. */
  ofReference(catalog: string, oid: string): string | null;
  /** The column with that number in a relation; null for 0 (an expression). */
  ofColumn(relation: string, number: number): string | null;
}

const outsideQuery = `
  select u.catalog, u.oid::text as oid, (pg_catalog.pg_identify_object(c.oid, u.oid, 0)).identity as identity
  from unnest($1::text[], $2::oid[]) as u(catalog, oid)
  join pg_catalog.pg_class c on c.relname = u.catalog and c.relnamespace = 'pg_catalog'::regnamespace`;

/**
 * User rows are named by their catalog's own unique key, every OID in it named in turn; what they refer to outside
 * (built-ins, roles, array types) by `pg_identify_object`, asked once for each.
 */
export async function identitiesOf(client: pg.ClientBase, rows: CatalogRows): Promise<Identities> {
  const outside = referencesOutside(rows);
  const result = await client.query<{ catalog: string; oid: string; identity: string | null }>({
    text: outsideQuery,
    values: [outside.map(([catalog]) => catalog), outside.map(([, oid]) => oid)],
  });
  const outsideIdentities = new Map(result.rows.map((row) => [`${row.catalog}:${row.oid}`, row.identity]));
  const known = new Map<CatalogRow, string>();

  const identities: Identities = {
    ofRow(row) {
      const identity = known.get(row) ?? identityOf(row, rows, identities);
      known.set(row, identity);
      return identity;
    },
    ofReference(catalog, oid) {
      if (oid === '0') return null;
      if (catalog === 'pg_database') return 'this database';
      const row = rows.byOid.get(`${catalog}:${oid}`);
      if (row) return identities.ofRow(row);
      // Dropped since the snapshot, or dangling: never the same text on two servers, so it can't pass as equal.
      return outsideIdentities.get(`${catalog}:${oid}`) ?? `unknown ${catalog} ${oid}`;
    },
    ofColumn(relation, number) {
      if (number === 0) return null;
      return quoted(rows.columnNames.get(relation)?.get(number) ?? `#${number}`);
    },
  };
  return identities;
}

function referencesOutside(rows: CatalogRows): [catalog: string, oid: string][] {
  const found = new Map<string, [string, string]>();
  for (const { layout, values } of rows.all) {
    for (const column of layout.columns) {
      if (!column.refersTo || column.refersTo === 'pg_database') continue;
      const value = values[column.name] as string | string[] | null;
      for (const oid of Array.isArray(value) ? value : [value]) {
        const key = `${column.refersTo}:${oid}`;
        if (oid !== null && oid !== '0' && !found.has(key) && !rows.byOid.has(key))
          found.set(key, [column.refersTo, oid]);
      }
    }
  }
  return [...found.values()];
}

function identityOf(row: CatalogRow, rows: CatalogRows, identities: Identities): string {
  return ownIdentity(row, rows, identities) ?? keyIdentity(row, identities);
}

/** Where the key holds a name that the server made up, or a number. */
function ownIdentity(row: CatalogRow, rows: CatalogRows, identities: Identities): string | null {
  const { values } = row;
  const reference = (catalog: string, column: string) =>
    identities.ofReference(catalog, values[column] as string);
  switch (row.catalog.name) {
    case 'pg_database':
      return 'this database';
    case 'pg_attribute': {
      // Columns of an index keep the names that the table's columns had when it was made.
      const kind = rows.byOid.get(`pg_class:${values['attrelid']}`)?.values['relkind'];
      return kind === 'i' || kind === 'I' ? `#${row.rank} of ${reference('pg_class', 'attrelid')}` : null;
    }
    case 'pg_trigger':
      // RI_ConstraintTrigger_c_16400: the number is an OID.
      if (!values['tgisinternal']) return null;
      return `${reference('pg_proc', 'tgfoid')} for ${reference('pg_constraint', 'tgconstraint')} of ${reference('pg_class', 'tgrelid')}`;
    case 'pg_constraint':
      // Foreign keys that a partition inherits, or that point to one, are named by the server.
      if (values['contype'] !== 'f' || values['conparentid'] === '0') return null;
      return `part to ${reference('pg_class', 'confrelid')} of ${reference('pg_constraint', 'conparentid')} of ${reference('pg_class', 'conrelid')}`;
    default:
      return null;
  }
}

/** `schema.name(array, …) of other, …`: readable, and unique as the catalog's key is. */
function keyIdentity(row: CatalogRow, identities: Identities): string {
  if (row.catalog.keyColumns.length === 1 && row.catalog.keyColumns[0] === 'oid') return row.oid!;
  let schema = '';
  let name = '';
  let list = '';
  const others: string[] = [];
  for (const column of row.layout.keys) {
    const value = row.values[column.name];
    if (column.refersTo && Array.isArray(value)) {
      list = `(${value.map((oid) => identities.ofReference(column.refersTo!, oid) ?? '-').join(', ')})`;
    } else if (column.refersTo) {
      const identity = identities.ofReference(column.refersTo, value as string);
      if (column.refersTo === 'pg_namespace' && row.catalog.keyColumns.length > 1)
        schema = identity ? `${identity}.` : '';
      else if (identity !== null) others.push(identity);
    } else if (column.type === 'name' || column.type === 'text') name = quoted(value as string);
    else if (column.numbersColumnsOf) {
      name = identities.ofColumn(row.values[column.numbersColumnsOf] as string, value as number) ?? '-';
    } else others.push(String(value));
  }
  const rest = others.join(', ');
  const head = `${schema}${name}${list}`;
  return head && rest ? `${head} of ${rest}` : head || rest;
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
