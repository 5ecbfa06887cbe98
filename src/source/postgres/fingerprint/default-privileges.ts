import type { Catalog } from './catalogs.ts';

/** First argument of `acldefault`, by catalog. */
const privilegeKinds: Readonly<Record<string, string>> = {
  pg_class: `(case t.relkind when 'S' then 's' else 'r' end)::"char"`,
  pg_database: `'d'`,
  pg_foreign_data_wrapper: `'F'`,
  pg_foreign_server: `'S'`,
  pg_language: `'l'`,
  pg_largeobject_metadata: `'L'`,
  pg_namespace: `'n'`,
  pg_proc: `'f'`,
  pg_type: `'T'`,
};

/** Only asked for where an object's privileges were ever changed: most never are. SQL of an `aclitem[]`, over a row `t`. */
export function defaultPrivileges(catalog: Catalog, column: string): string {
  const kind = privilegeKinds[catalog.name];
  if (!kind) return 'null';
  const owner = catalog.columns.find((candidate) => candidate.refersTo === 'pg_authid')!.name;
  // `public` is always told against the one that initdb makes (dependencies.ts).
  const isPublic = catalog.name === 'pg_namespace' ? `or t.nspname = 'public'` : '';
  return `case when t.${column} is not null ${isPublic} or t.oid in
      (select p.objoid from pg_catalog.pg_init_privs p where p.classoid = ${catalog.oid})
    then pg_catalog.acldefault(${kind}, t.${owner}) end`;
}
