import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { unquote } from '../source/postgres/fingerprint/privileges.ts';

/** Roles that the content of a backup names. */
export interface RolesNeeded {
  /** Role → how many objects belong to it. Schemas that stay and what extensions make do not count. */
  owners: Map<string, number>;
  /** Roles that only hold a privilege or are named by a policy. */
  others: Set<string>;
}

const nobody = new Set(['PUBLIC', '(owner)', '-', '']);

/** @param standingSchemas schemas that are already as in the backup, and so are given to nobody */
export function rolesNeeded({ entries }: Fingerprint, standingSchemas: ReadonlySet<string>): RolesNeeded {
  const owners = new Map<string, number>();
  const named = new Set<string>();
  for (const { key, attributes } of entries) {
    // The database's own properties are set where that is allowed; built-ins belong to the server.
    if (key.startsWith('environment|') || key.includes('this database') || key.includes('|built-in '))
      continue;
    if (key.startsWith('pg_namespace|') && standingSchemas.has(unquote(key.slice('pg_namespace|'.length))))
      continue;
    for (const [attribute, value] of Object.entries(attributes)) {
      if (attribute.endsWith('owner')) {
        const owner = unquote(value as string);
        // A large object may stay as it is, and whoever owns the database is this role.
        if (key.startsWith('pg_largeobject_metadata|') || owner === 'pg_database_owner') named.add(owner);
        else if (countsOf(key, attributes)) owners.set(owner, (owners.get(owner) ?? 0) + 1);
      } else if (attribute === 'polroles') for (const role of value as string[]) named.add(unquote(role));
      else if (attribute.endsWith('acl')) for (const grant of value as string[]) addRoles(named, grant);
    }
    const forRole = /^pg_default_acl\|(?:.*\. of )?(.*), \w$/s.exec(key)?.[1];
    if (forRole) owners.set(unquote(forRole), (owners.get(unquote(forRole)) ?? 0) + 1);
  }
  const others = [...named].filter((role) => !nobody.has(role) && !owners.has(role));
  return { owners, others: new Set(others) };
}

/** Row types, indexes and partitions' parts go with their table and would count it several times. */
function countsOf(key: string, attributes: Record<string, unknown>): boolean {
  if (key.startsWith('pg_type|')) return attributes['typrelid'] === undefined;
  if (key.startsWith('pg_class|')) return !/^[iI]$/.test(attributes['relkind'] as string);
  return true;
}

/** Grantee and grantor of `+grantee=letters/grantor`; what was taken away needs neither. */
function addRoles(named: Set<string>, grant: string) {
  const match = /^\+("(?:[^"]|"")*"|[^=]*)=[^/]*\/(.*)$/s.exec(grant);
  for (const role of match?.slice(1) ?? []) named.add(unquote(role));
}
