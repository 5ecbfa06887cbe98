import type pg from 'pg';
import type { Catalog } from './catalogs.ts';
import type { FingerprintEntry } from './fingerprint.ts';
import { catalogsLeftOut } from './normalise.ts';
import type { ObjectNames } from './object-names.ts';
import { readAll } from './read-all.ts';
import { addressColumns, isReadable } from './rows.ts';

interface Annotation {
  catalog: string;
  class: string;
  oid: string;
  part: number;
  keys: Record<string, unknown>;
  attributes: Record<string, unknown>;
}

/** Catalogs that say something about objects of any kind. */
export function annotatingCatalogs(catalogs: readonly Catalog[]): Catalog[] {
  return catalogs.filter(
    (catalog) =>
      addressColumns(catalog) !== null && !(catalog.name in catalogsLeftOut) && catalog.name !== 'pg_depend',
  );
}

/** Comments, security labels, and whatever else a later release says about objects of any kind. */
export async function readAnnotations(
  client: pg.ClientBase,
  catalogs: readonly Catalog[],
  names: ObjectNames,
): Promise<FingerprintEntry[]> {
  const queries = annotatingCatalogs(catalogs).filter(isReadable).map(annotationsQuery);
  const found = (await readAll<Annotation[]>(client, queries)).flat();
  return found.flatMap((row) => {
    const name = names.nameOf(row.class, row.oid, row.part);
    if (name === null) return [];
    const keys = Object.values(row.keys).map((key) => ` ${key}`);
    return [{ key: `${row.catalog}|${name}${keys.join('')}`, attributes: row.attributes }];
  });
}

function annotationsQuery(catalog: Catalog): string {
  const address = addressColumns(catalog)!;
  const rest = catalog.columns.filter(
    (column) => ![address.classColumn, address.object, address.part].includes(column.name),
  );
  const isKey = ({ name }: { name: string }) => catalog.keyColumns.includes(name);
  const json = (columns: typeof rest) =>
    `pg_catalog.json_build_object(${columns.map(({ name }) => `'${name}', t.${name}`).join(', ')})`;
  // Comments that initdb made are left out, except on what is compared whatever its OID.
  const always = ['pg_namespace', 'pg_extension', 'pg_largeobject'].map(
    (name) => `'pg_catalog.${name}'::regclass`,
  );
  return `select '${catalog.name}' as catalog, t.${address.classColumn}::text as class, t.${address.object}::text as oid,
      ${address.part ? `t.${address.part}` : '0'} as part,
      ${json(rest.filter(isKey))} as keys, ${json(rest.filter((column) => !isKey(column)))} as attributes
    from pg_catalog.${catalog.name} t
    where ${catalog.isShared} or t.${address.object} >= 16384 or t.${address.classColumn} in (${always.join(', ')})`;
}
