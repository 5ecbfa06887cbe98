import type pg from 'pg';
import type { FingerprintEntry } from './fingerprint.ts';
import { derivedDependencies } from './normalise.ts';
import type { ObjectNames } from './object-names.ts';
import { readAll } from './read-all.ts';
import type { CatalogRow, CatalogRows } from './rows.ts';

/** What `pg_depend` and `pg_init_privs` say that no definition does. */
export interface Dependencies {
  /** The extension a row belongs to, itself or as a part of a member; null for none. */
  extensionOf(row: CatalogRow): string | null;
  /** Privileges the object was created with by initdb or its extension; null: the defaults of its type. */
  initialPrivileges(row: CatalogRow): string[] | null;
  /** Entries for the columns that own sequences, for DEPENDS ON EXTENSION, and for kinds of a later release. */
  entries(names: ObjectNames): FingerprintEntry[];
}

const membersQuery = `
  with recursive member as (
    select d.classid, d.objid, e.extname
    from pg_catalog.pg_depend d
    join pg_catalog.pg_extension e on e.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_extension'::regclass
    where d.deptype = 'e'
    union
    select d.classid, d.objid, m.extname
    from member m
    join pg_catalog.pg_depend d on d.refclassid = m.classid and d.refobjid = m.objid and d.deptype in ('a', 'i'))
  select c.relname as catalog, m.objid::text as oid, min(m.extname::text) as extension
  from member m join pg_catalog.pg_class c on c.oid = m.classid
  group by 1, 2`;

// `public` may have been made anew, or come with an old cluster through pg_upgrade; a copy always begins with the one of
// initdb. So it is told against that one's privileges, as pg_dump does too.
const initialPrivilegesQuery = `
  select c.relname as catalog, p.objoid::text as oid, p.objsubid as part, p.initprivs::text[] as privileges
  from pg_catalog.pg_init_privs p join pg_catalog.pg_class c on c.oid = p.classoid
  where p.privtype = 'e' or p.objoid >= 16384
  union all
  select 'pg_namespace', n.oid::text, 0, '{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}'::text[]
  from pg_catalog.pg_namespace n where n.nspname = 'public'`;

const dependenciesQuery = `
  select d.deptype as type, d.classid::text as class, d.objid::text as oid, d.objsubid as part,
         d.refclassid::text as ref_class, d.refobjid::text as ref_oid, d.refobjsubid as ref_part
  from pg_catalog.pg_depend d
  where (d.deptype not in (${derivedDependencies.map((type) => `'${type}'`).join(', ')}) and d.deptype <> 'e')
     or (d.deptype in ('a', 'i') and d.classid = 'pg_catalog.pg_class'::regclass
         and d.refclassid = 'pg_catalog.pg_class'::regclass and d.refobjsubid > 0
         and exists (select from pg_catalog.pg_class c where c.oid = d.objid and c.relkind = 'S'))
     or (d.deptype = 'i' and d.classid = 'pg_catalog.pg_proc'::regclass
         and d.refclassid = 'pg_catalog.pg_type'::regclass and d.objid >= 16384)`;

interface MemberRow {
  catalog: string;
  oid: string;
  extension: string;
}

interface InitialPrivilegesRow {
  catalog: string;
  oid: string;
  part: number;
  privileges: string[];
}

interface DependencyRow {
  type: string;
  class: string;
  oid: string;
  part: number;
  ref_class: string;
  ref_oid: string;
  ref_part: number;
}

export async function readDependencies(client: pg.ClientBase, rows: CatalogRows): Promise<Dependencies> {
  const [memberRows, initialRows, dependencies] = await readAll<
    [MemberRow, InitialPrivilegesRow, DependencyRow]
  >(client, [membersQuery, initialPrivilegesQuery, dependenciesQuery]);
  const members = new Map(memberRows.map((row) => [`${row.catalog}:${row.oid}`, row.extension]));
  const initial = new Map(
    initialRows.map((row) => [`${row.catalog}:${row.oid}:${row.part}`, row.privileges]),
  );

  const extensionOf = (row: CatalogRow): string | null => {
    if (row.oid !== null) return members.get(`${row.catalog.name}:${row.oid}`) ?? null;
    for (const column of row.layout.keys) {
      if (!column.refersTo) continue;
      const parent = rows.byOid.get(`${column.refersTo}:${row.values[column.name]}`);
      if (parent) return extensionOf(parent);
    }
    return null;
  };

  return {
    extensionOf,
    initialPrivileges({ catalog, oid, values }) {
      const address =
        catalog.name === 'pg_attribute'
          ? `pg_class:${values['attrelid']}:${values['attnum']}`
          : `${catalog.name}:${oid}:0`;
      return initial.get(address) ?? null;
    },
    entries: (names) =>
      dependencies.flatMap((row) => {
        const object = names.nameOf(row.class, row.oid, row.part);
        const other = names.nameOf(row.ref_class, row.ref_oid, row.ref_part);
        if (object === null || other === null) return [];
        return [{ key: `pg_depend|${object} on ${other}`, attributes: { deptype: row.type } }];
      }),
  };
}
