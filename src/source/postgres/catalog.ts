import type pg from 'pg';
import { ConfigError } from '../../lib/errors.ts';
import { readGeneratedColumns } from './generated-columns.ts';
import { refuseUnreadableLargeObjects } from './large-objects.ts';
import { readTextOrder, type TextOrder } from './locale.ts';
import { sequencesQuery } from './sequences.ts';
import { omittedSubscriptions } from './subscriptions.ts';
import { readSystemIdentifier } from './system-identifier.ts';

/** A table whose rows are carried: ordinary tables and leaf partitions, each with its own rows only. */
export interface SourceTable {
  schema: string;
  name: string;
  /**
   * Without dropped and generated columns, in the table's order, or in that of `loadThrough`. Empty for a table that has
   * none to carry.
   */
  columns: string[];
  /** Stored generated columns, with the columns they are computed from; empty without any. */
  generated: string[];
  /**
   * The topmost hash-partitioned table above it; null without one. Hashes may differ from server to server (an enum's
   * are of OIDs), so a copy may put the same rows into other partitions.
   */
  loadThrough: { schema: string; name: string } | null;
  /** SQL condition of an extension's configuration table: only the user's rows are carried. Null: all rows. */
  filter: string | null;
  /** Planner's estimate; 0 when it has none. */
  estimatedRows: number;
  /** On disk with TOAST, bytes. */
  sizeBytes: number;
}

/** Something that exists in the source and is on purpose not in the backup. */
export interface NotCarried {
  kind: 'foreign-table-rows' | 'excluded-rows' | 'subscription';
  name: string;
  reason: string;
}

export interface SourceCatalog {
  tables: SourceTable[];
  /** Names of roles that own something or hold a privilege here, and the bootstrap superuser's. */
  roles: string[];
  notCarried: NotCarried[];
  settings: {
    databaseName: string;
    encoding: string;
    collate: string;
    ctype: string;
    serverVersion: string;
    /** Null where the role may not read it. */
    systemIdentifier: string | null;
  } & TextOrder;
}

const tablesQuery = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         CASE WHEN c.relkind = 'r' THEN pg_table_size(c.oid) ELSE 0 END::int8 AS size_bytes,
         greatest(c.reltuples, 0)::int8 AS estimated_rows,
         has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS is_readable,
         c.relrowsecurity AND row_security_active(c.oid) AS is_filtered,
         e.condition AS extension_condition, h.through,
         ARRAY(SELECT a.attname::text FROM pg_attribute a
               LEFT JOIN pg_attribute t ON t.attrelid = h.oid AND t.attname = a.attname
               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
               ORDER BY coalesce(t.attnum, a.attnum)) AS columns
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_depend member ON member.classid = 'pg_class'::regclass AND member.objid = c.oid AND member.objsubid = 0
       AND member.refclassid = 'pg_extension'::regclass AND member.deptype = 'e'
  LEFT JOIN LATERAL (
       SELECT x.extcondition[i] AS condition
       FROM pg_extension x, generate_subscripts(x.extconfig, 1) AS i
       WHERE x.oid = member.refobjid AND x.extconfig[i] = c.oid) e ON true
  LEFT JOIN LATERAL (
       SELECT p.partrelid AS oid, json_build_object('schema', hn.nspname, 'name', hc.relname) AS through
       FROM pg_partition_ancestors(c.oid) WITH ORDINALITY AS a (relid, level)
       JOIN pg_partitioned_table p ON p.partrelid = a.relid AND p.partstrat = 'h'
       JOIN pg_class hc ON hc.oid = a.relid JOIN pg_namespace hn ON hn.oid = hc.relnamespace
       WHERE c.relispartition ORDER BY a.level DESC LIMIT 1) h ON true
  WHERE c.relkind IN ('r', 'f') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND (member.objid IS NULL OR e.condition IS NOT NULL)
  ORDER BY n.nspname, c.relname`;

// The bootstrap superuser is pinned and so never appears in pg_shdepend; its OID is 10 in every release.
const rolesQuery = `
  SELECT rolname::text AS name FROM pg_roles
  WHERE rolname NOT LIKE 'pg\\_%' AND (oid = 10 OR oid IN (
    SELECT refobjid FROM pg_shdepend
    WHERE refclassid = 'pg_authid'::regclass
      AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND (dbid <> 0 OR (classid = 'pg_database'::regclass
           AND objid = (SELECT oid FROM pg_database WHERE datname = current_database())))))
  ORDER BY 1`;

const settingsQuery = `
  SELECT datname AS "databaseName", pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype,
         current_setting('server_version') AS "serverVersion"
  FROM pg_database WHERE datname = current_database()`;

/** Tables that rows of other tables refer to: without their rows the others would not restore. */
const referencedQuery = `
  SELECT DISTINCT n.nspname || '.' || c.relname AS name
  FROM pg_constraint k JOIN pg_class c ON c.oid = k.confrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE k.contype = 'f' AND k.conrelid <> k.confrelid`;

/** The mission's own table: each backup kept in it would hold all earlier ones. Recognised by all of its columns. */
export const missionBackupsColumns = [
  'id',
  'date',
  'size_kb',
  'type',
  'status',
  'data',
  'enquiry_count',
  'trigger_event',
  'created_at',
];

/**
 * Reads what there is to back up, in the caller's snapshot transaction.
 *
 * @param excludeRows `schema.table` names whose rows the configuration leaves out
 * @throws ConfigError naming every table, sequence or policy that would make the backup silently incomplete
 */
export async function readCatalog(
  client: pg.ClientBase,
  excludeRows: readonly string[],
): Promise<SourceCatalog> {
  const found = await client.query<TableRow>(tablesQuery);
  const generated = await readGeneratedColumns(client);
  const sequences = await client.query<{ schema: string; name: string; is_readable: boolean }>(
    sequencesQuery,
  );
  await refuseUnreadableLargeObjects(client);
  const roles = await client.query<{ name: string }>(rolesQuery);

  const unreadable = [...found.rows.filter((row) => row.kind === 'r'), ...sequences.rows].filter(
    (row) => !row.is_readable,
  );
  refuse(
    unreadable,
    'may not read',
    'GRANT pg_read_all_data TO the backup role (PostgreSQL 14 and later).',
    'the role may not read everything',
  );
  const filtered = found.rows.filter((row) => row.is_filtered);
  refuse(
    filtered,
    'would be shown only some rows, by row-level security, of',
    'ALTER ROLE the backup role BYPASSRLS.',
    'row-level security would hide rows',
  );
  const { rows: keys } = await client.query<{ name: string }>(referencedQuery);
  const referenced = new Set(keys.map(({ name }) => name));
  const notCarried: NotCarried[] = [];
  const tables: SourceTable[] = [];
  for (const row of found.rows) {
    const name = `${row.schema}.${row.name}`;
    if (row.kind === 'f')
      notCarried.push({ kind: 'foreign-table-rows', name, reason: 'its rows live on another server' });
    else if (excludeRows.includes(name))
      notCarried.push({ kind: 'excluded-rows', name, reason: 'exclude-rows in the configuration' });
    else if (isMissionBackups(row) && !referenced.has(name))
      notCarried.push({ kind: 'excluded-rows', name, reason: 'earlier backups are not backed up again' });
    else tables.push(sourceTable(row, generated.get(row.oid) ?? []));
  }
  refuseReferenced(excludeRows.filter((name) => referenced.has(name)));
  const unknown = excludeRows.filter(
    (name) => !found.rows.some((row) => `${row.schema}.${row.name}` === name),
  );
  if (unknown.length > 0) {
    throw new ConfigError(`exclude-rows names ${unknown.join(', ')}, which does not exist in the database.`, {
      hint: 'Write it as schema.table, or remove it. Nothing was written.',
      publicReason: 'the configuration excludes a table that does not exist',
    });
  }
  notCarried.push(...(await omittedSubscriptions(client)));
  return {
    tables,
    roles: roles.rows.map((role) => role.name),
    notCarried,
    settings: await readSettings(client),
  };
}

/** What is needed to recognise this database, and to make one like it. */
export async function readSettings(client: pg.ClientBase): Promise<SourceCatalog['settings']> {
  const settings =
    await client.query<Omit<SourceCatalog['settings'], keyof TextOrder | 'systemIdentifier'>>(settingsQuery);
  const systemIdentifier = await readSystemIdentifier(client);
  return { ...settings.rows[0]!, systemIdentifier, ...(await readTextOrder(client)) };
}

/** How many objects users have made here, leaving out what came with extensions: none means an empty database. */
export async function countUserObjects(client: pg.ClientBase): Promise<number> {
  const own = (catalog: string, condition: string) => `
    SELECT oid FROM ${catalog} c WHERE oid >= 16384 AND ${condition} AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = '${catalog}'::regclass AND e.objid = c.oid AND e.deptype = 'e')`;
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM (${[
      own('pg_class', "relpersistence <> 't' AND relnamespace <> 'pg_toast'::regnamespace"),
      own('pg_proc', 'pronamespace <> pg_my_temp_schema()'),
      own('pg_type', 'typrelid = 0 AND typelem = 0'),
      own('pg_namespace', "nspname NOT LIKE 'pg\\_%'"),
      'SELECT oid FROM pg_largeobject_metadata',
    ].join(' UNION ALL ')}) objects`,
  );
  return Number(rows[0]!.count);
}

interface TableRow {
  oid: string;
  schema: string;
  name: string;
  kind: 'r' | 'f';
  size_bytes: string;
  estimated_rows: string;
  is_readable: boolean;
  is_filtered: boolean;
  extension_condition: string | null;
  through: SourceTable['loadThrough'];
  columns: string[];
}

function sourceTable(row: TableRow, generated: string[]): SourceTable {
  const { schema, name, columns } = row;
  const filter = row.extension_condition || null;
  return {
    schema,
    name,
    columns,
    generated,
    loadThrough: row.through,
    filter,
    estimatedRows: Number(row.estimated_rows),
    sizeBytes: Number(row.size_bytes),
  };
}

function refuseReferenced(names: readonly string[]) {
  if (names.length === 0) return;
  throw new ConfigError(
    `exclude-rows names ${names.join(', ')}, to which rows of other tables refer: such a backup could never be restored.`,
    {
      hint: 'Leave the referring tables out too, or carry this one. Nothing was written.',
      publicReason: 'the configuration excludes rows that others refer to',
    },
  );
}

function isMissionBackups(row: TableRow): boolean {
  return row.name === 'backups' && missionBackupsColumns.every((column) => row.columns.includes(column));
}

function refuse(
  objects: { schema: string; name: string }[],
  what: string,
  hint: string,
  publicReason: string,
) {
  if (objects.length === 0) return;
  const names = objects.slice(0, 10).map((object) => `${object.schema}.${object.name}`);
  const more = objects.length > names.length ? ` and ${objects.length - names.length} more` : '';
  throw new ConfigError(
    `The backup role ${what} ${names.join(', ')}${more}. The backup was not made, because it would lack rows.`,
    { hint, publicReason },
  );
}
