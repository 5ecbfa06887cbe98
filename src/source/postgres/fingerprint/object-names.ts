import type { Catalog } from './catalogs.ts';
import type { Identities } from './identities.ts';
import type { CatalogRows } from './rows.ts';

/** Names the objects that catalogs like `pg_description` speak of. */
export interface ObjectNames {
  /** `catalog identity` of an object or (part > 0) of its column; null when it is not compared: a built-in, a temporary. */
  nameOf(classOid: string, oid: string, part: number): string | null;
}

/** Large objects are addressed by the catalog of their contents. */
const catalogOfRows: Readonly<Record<string, string>> = { pg_largeobject: 'pg_largeobject_metadata' };

export function objectNames(
  catalogs: readonly Catalog[],
  rows: CatalogRows,
  identities: Identities,
): ObjectNames {
  const namesByOid = new Map(
    catalogs.map((catalog) => [catalog.oid, catalogOfRows[catalog.name] ?? catalog.name]),
  );
  return {
    nameOf(classOid, oid, part) {
      const catalog = namesByOid.get(classOid);
      const row = rows.byOid.get(`${catalog}:${oid}`);
      if (!row) return null;
      const identity = identities.ofRow(row);
      return part === 0
        ? `${catalog} ${identity}`
        : `${catalog} ${identities.ofColumn(oid, part)} of ${identity}`;
    },
  };
}
