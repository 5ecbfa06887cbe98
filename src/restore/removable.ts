import type pg from 'pg';

/** Something that a restore would remove from its target. */
export interface Removable {
  /** As DROP calls it. */
  type: string;
  /** With schema, and quoted where SQL wants it. */
  identity: string;
  owner: string;
  /** Whether the connected role may drop it. */
  isOurs: boolean;
}

/** Kinds outside of schemas, in an order in which they do not disturb the rest: event triggers would fire at every DROP. */
const databaseWideKinds = [
  'pg_event_trigger',
  'pg_publication',
  'pg_subscription',
  'pg_transform',
  'pg_cast',
  'pg_foreign_server',
  'pg_foreign_data_wrapper',
  'pg_language',
  'pg_am',
];

/** Kinds without an owner of their own: the types they belong to decide. */
const ownerless = `'pg_cast'::regclass, 'pg_transform'::regclass`;

const ofThisDatabase = '(SELECT oid FROM pg_database WHERE datname = current_database())';

/** Objects made by users; the server's own have lower OIDs, and an extension's go with it. */
const isUsers = (alias: string) => `${alias}.objid >= 16384 AND NOT EXISTS (
  SELECT FROM pg_depend e WHERE e.classid = ${alias}.classid AND e.objid = ${alias}.objid
    -- A partitioned table depends on its own key columns in this way, and is no part of another object for that.
    AND (e.deptype = 'e' OR e.deptype = 'i' AND NOT (e.refclassid = e.classid AND e.refobjid = e.objid)))`;

const databaseWide = databaseWideKinds.map(
  (catalog, phase) => `
  SELECT ${phase} AS phase, o.classid, o.objid, NULL::oid AS schema_owner
  FROM (SELECT '${catalog}'::regclass AS classid, oid AS objid FROM ${catalog}
        ${catalog === 'pg_subscription' ? `WHERE subdbid = ${ofThisDatabase}` : ''}) o
  WHERE ${isUsers('o')}`,
);

const inSchemas = `
  SELECT DISTINCT 100 AS phase, d.classid, d.objid, n.nspowner AS schema_owner
  FROM pg_depend d JOIN pg_namespace n ON d.refclassid = 'pg_namespace'::regclass AND n.oid = d.refobjid
  WHERE d.deptype = 'n' AND d.classid NOT IN ('pg_default_acl'::regclass, 'pg_extension'::regclass, 'pg_publication_namespace'::regclass)
    AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND ${isUsers('d')}`;

const extensions = `
  SELECT 101 AS phase, 'pg_extension'::regclass, oid, NULL::oid FROM pg_extension WHERE oid >= 16384 AND extname <> ALL ($1)`;

const schemas = `
  SELECT 102 AS phase, 'pg_namespace'::regclass, n.oid, NULL::oid FROM pg_namespace n
  WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'public')
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
    AND NOT EXISTS (SELECT FROM pg_extension x WHERE x.extnamespace = n.oid AND x.extname = ANY ($1))`;

const removableQuery = `
  SELECT i.type, i.identity, pg_get_userbyid(coalesce(s.refobjid, 10)) AS owner,
         o.classid IN (${ownerless}) OR pg_has_role(coalesce(s.refobjid, 10), 'USAGE')
           OR coalesce(pg_has_role(o.schema_owner, 'USAGE'), false) AS "isOurs"
  FROM (${[...databaseWide, inSchemas, extensions, schemas].join(' UNION ALL ')}) o
  CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) i
  -- The bootstrap superuser, OID 10 in every release, is pinned and so never appears there.
  LEFT JOIN pg_shdepend s ON s.dbid = ${ofThisDatabase} AND s.classid = o.classid AND s.objid = o.objid
       AND s.objsubid = 0 AND s.deptype = 'o'
  WHERE i.type <> 'toast table'
  ORDER BY o.phase`;

/** What DROP calls the types that `pg_identify_object` names otherwise. */
const dropNames: Record<string, string> = {
  'statistics object': 'statistics',
  'composite type': 'type',
  'foreign-data wrapper': 'foreign data wrapper',
};

/**
 * Everything that users have made in a database, in the order of removal; large objects apart. The catalog is asked what
 * there is instead of a list of kinds; what that misses is an extra object to the comparison after a restore.
 *
 * @param keptExtensions names of extensions that stay, with the schemas they are in
 */
export async function listRemovable(
  client: pg.ClientBase,
  keptExtensions: Iterable<string>,
): Promise<Removable[]> {
  const { rows } = await client.query<Removable>(removableQuery, [[...keptExtensions]]);
  return rows.map((row) => ({ ...row, type: dropNames[row.type] ?? row.type }));
}

/** Whether users have made nothing here. Extensions, the schemas they are in and `public` do not count. */
export async function isEmptyDatabase(client: pg.ClientBase): Promise<boolean> {
  const { rows: installed } = await client.query<{ name: string }>(
    'SELECT extname AS name FROM pg_extension',
  );
  const objects = await listRemovable(
    client,
    installed.map(({ name }) => name),
  );
  if (objects.length > 0) return false;
  const { rows } = await client.query('SELECT FROM pg_largeobject_metadata LIMIT 1');
  return rows.length === 0;
}
