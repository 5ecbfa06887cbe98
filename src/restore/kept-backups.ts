import pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { ConfigError } from '../lib/errors.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../lib/sql.ts';
import { missionBackupsColumns } from '../source/postgres/catalog.ts';

/**
 * The CRM keeps backups of its own in a table, and a restore must not throw away the very thing that may be needed next.
 * Holdfast does not carry that table's rows, so the target's own rows survive a restore.
 */
export interface KeptTable {
  schema: string;
  name: string;
  /** The temporary table that holds the rows meanwhile. */
  aside: string;
}

const columnsOf = (table: string) => `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attgenerated <> '' AS "isGenerated"
  FROM pg_attribute a WHERE a.attrelid = ${table} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

interface Column {
  name: string;
  type: string;
  isGenerated: boolean;
}

/**
 * Copies the rows of all such tables aside within the transaction; none when the target has no such table or they are
 * empty.
 */
export async function setAsideKept(client: pg.ClientBase, manifest: Manifest): Promise<KeptTable[]> {
  const { rows: found } = await client.query<{ oid: string; schema: string; name: string }>(
    `SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relname = 'backups' AND n.nspname NOT LIKE 'pg\\_%'
       AND (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) @> $1
     ORDER BY n.nspname`,
    [missionBackupsColumns],
  );
  const kept: KeptTable[] = [];
  for (const { oid, schema, name } of found) {
    const table = { schema, name, aside: `holdfast_kept_backups_${kept.length + 1}` };
    if (!(await isWorthKeeping(client, manifest, table))) continue;
    // As text: a column of a type that the target made itself would vanish with the type.
    const { rows: columns } = await client.query<Column>(columnsOf(oid));
    const asText = columns.map((column) => `${quoteIdentifier(column.name)}::text`).join(', ');
    await client.query(
      `CREATE TEMPORARY TABLE ${table.aside} ON COMMIT DROP AS SELECT ${asText} FROM ONLY ${qualifiedName(table)}`,
    );
    kept.push(table);
  }
  return kept;
}

async function isWorthKeeping(client: pg.ClientBase, manifest: Manifest, table: KeptTable): Promise<boolean> {
  const isThis = (name: string) => name === `${table.schema}.${table.name}`;
  // Where other tables refer to it, the backup carries its rows like any others.
  if (manifest.tables.some(({ schema, name }) => isThis(`${schema}.${name}`))) return false;
  const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ONLY ${qualifiedName(table)}`);
  const rows = Number(counted.rows[0]!.count);
  if (rows === 0) return false;
  if (manifest.notCarried.some(({ kind, name }) => kind === 'excluded-rows' && isThis(name))) return true;
  throw new ConfigError(
    `The target's table ${table.schema}.${table.name} holds ${rows} backups, and the backup to restore has no such table to keep them in.`,
    {
      hint: 'Export that table first, then restore with --replace-backups-table. The target is as it was.',
      publicReason: 'the target holds backups of its own that would be lost',
    },
  );
}

/**
 * Puts the rows back into the tables that the dump has made anew. To be called before it makes triggers, rules, policies
 * and keys: nothing fires then, and no order of rows is wrong.
 */
export async function giveKeptBack(client: pg.ClientBase, tables: readonly KeptTable[]): Promise<void> {
  for (const table of tables) {
    const regclass = (name: string) => `${quoteLiteral(name)}::regclass`;
    const { rows: now } = await client.query<Column>(columnsOf(regclass(qualifiedName(table))));
    const { rows: aside } = await client.query<Column>(columnsOf(regclass(`pg_temp.${table.aside}`)));
    const had = new Set(aside.map(({ name }) => name));
    const columns = now.filter(({ name, isGenerated }) => !isGenerated && had.has(name));
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    const values = columns.map(({ name, type }) => `${quoteIdentifier(name)}::${type}`).join(', ');
    await explainingKept(table, () =>
      client.query(
        `INSERT INTO ${qualifiedName(table)} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM pg_temp.${table.aside}`,
      ),
    );
  }
}

/** Says what it means when the rows that were kept no longer fit their table, or those they refer to. */
export async function explainingKept<T>(table: KeptTable | null, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const server = error instanceof pg.DatabaseError ? error : (error as { cause?: unknown }).cause;
    // Classes 22 and 23: a value that the type does not take, a constraint.
    if (!table || !(server instanceof pg.DatabaseError) || !/^2[23]/.test(server.code ?? '')) throw error;
    throw new ConfigError(
      `The rows of the target's own table ${table.schema}.${table.name}, which a restore keeps, do not fit the backup: ${server.message}. The target is as it was.`,
      {
        hint: 'Export that table first, then restore with --replace-backups-table.',
        publicReason: 'the kept backups of the target do not fit the backup',
        cause: error,
      },
    );
  }
}

/** Moves the tables' sequences past the rows that were kept, so that the CRM's next backup gets a number of its own. */
export async function moveSequencesPast(client: pg.ClientBase, tables: readonly KeptTable[]): Promise<void> {
  for (const table of tables) {
    const name = quoteLiteral(qualifiedName(table));
    await client.query(
      `SELECT setval(s.name, greatest(s.last, (SELECT max(id) FROM ${qualifiedName(table)})))
       FROM (SELECT pg_get_serial_sequence(${name}, 'id') AS name,
                    coalesce(pg_sequence_last_value(pg_get_serial_sequence(${name}, 'id')::regclass), 1) AS last) s
       WHERE s.name IS NOT NULL`,
    );
  }
}
