import type pg from 'pg';
import type { Catalog } from './catalogs.ts';
import { defaultPrivileges } from './default-privileges.ts';
import type { FingerprintEntry } from './fingerprint.ts';
import { privilegeChanges } from './privileges.ts';
import { readAll } from './read-all.ts';

interface BuiltIn {
  catalog: string;
  attribute: string;
  identity: string;
  owner: string;
  actual: string[] | null;
  defaults: string[] | null;
  initial: string[] | null;
}

/** Privileges that somebody changed on built-ins. These have no entries of their own, and pg_dump carries the change. */
export async function readBuiltInPrivileges(
  client: pg.ClientBase,
  catalogs: readonly Catalog[],
): Promise<FingerprintEntry[]> {
  const queries = catalogs.map(builtInsQuery).filter((query) => query !== null);
  const found = (await readAll<BuiltIn[]>(client, queries)).flat();
  return found.flatMap((row) => {
    const changes = privilegeChanges(row.actual, row.defaults, row.initial, row.owner);
    return changes.length === 0 || isInformationSchema(row.identity, changes)
      ? []
      : [{ key: `${row.catalog}|built-in ${row.identity}`, attributes: { [row.attribute]: changes } }];
  });
}

/** initdb opens information_schema to everybody after it has noted the initial privileges of everything else. */
function isInformationSchema(identity: string, changes: readonly string[]): boolean {
  return /^information_schema(\.|$)/.test(identity) && /^\+PUBLIC=[rU]\/\(owner\)$/.test(changes.join());
}

/** A large object is somebody's, whatever its number: it has an entry. */
const withoutBuiltIns = ['pg_default_acl', 'pg_largeobject_metadata'];

function builtInsQuery(catalog: Catalog): string | null {
  const column = catalog.columns.find((candidate) => candidate.type === '_aclitem')?.name;
  const owner = catalog.columns.find((candidate) => candidate.refersTo === 'pg_authid')?.name;
  if (!column || catalog.isShared || withoutBuiltIns.includes(catalog.name)) return null;
  const isColumn = catalog.name === 'pg_attribute';
  if (!isColumn && !owner) return null;
  const classOid = isColumn ? `'pg_catalog.pg_class'::regclass` : catalog.oid;
  const oid = isColumn ? 't.attrelid' : 't.oid';
  const part = isColumn ? 't.attnum::int' : '0';
  const ownerOid = isColumn
    ? '(select c.relowner from pg_catalog.pg_class c where c.oid = t.attrelid)'
    : `t.${owner}`;
  // `public` is compared as a whole.
  const isPublic = catalog.name === 'pg_namespace' ? `and t.nspname <> 'public'` : '';
  return `select '${catalog.name}' as catalog, '${column}' as attribute,
      (pg_catalog.pg_identify_object(${classOid}, ${oid}, ${part})).identity as identity,
      pg_catalog.pg_get_userbyid(${ownerOid})::text as owner, t.${column}::text[] as actual,
      (${defaultPrivileges(catalog, column)})::text[] as defaults, p.initprivs::text[] as initial
    from pg_catalog.${catalog.name} t
    left join pg_catalog.pg_init_privs p on p.classoid = ${classOid} and p.objoid = ${oid} and p.objsubid = ${part}
    where ${oid} < 16384 ${isPublic} and t.${column} is distinct from p.initprivs
      and not exists (select from pg_catalog.pg_depend d
        where d.classid = ${classOid} and d.objid = ${oid} and d.deptype = 'e')`;
}
