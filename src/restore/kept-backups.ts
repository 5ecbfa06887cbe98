import type pg from 'pg';
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
  rows: number;
}

const keptName = 'holdfast_kept_backups';

/** Copies the rows aside within the transaction; null when the target has no such table or it is empty. */
export async function setAsideKept(client: pg.ClientBase, manifest: Manifest): Promise<KeptTable | null> {
  const { rows: found } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relname = 'backups' AND n.nspname NOT LIKE 'pg\\_%'
       AND (SELECT array_agg(a.attname::text) FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) @> $1`,
    [missionBackupsColumns],
  );
  const [table] = found;
  if (!table) return null;
  // Where other tables refer to it, the backup carries its rows like any others.
  if (manifest.tables.some(({ schema, name }) => schema === table.schema && name === table.name)) return null;
  const counted = await client.query<{ count: string }>(`SELECT count(*) FROM ${qualifiedName(table)}`);
  const rows = Number(counted.rows[0]!.count);
  if (rows === 0) return null;
  if (
    !manifest.notCarried.some(
      ({ kind, name }) => kind === 'excluded-rows' && name === `${table.schema}.${table.name}`,
    )
  ) {
    throw new ConfigError(
      `The target's table ${table.schema}.${table.name} holds ${rows} backups, and the backup to restore has no such table to keep them in.`,
      {
        hint: 'Export that table first, then restore with --replace-backups-table. The target is as it was.',
        publicReason: 'the target holds backups of its own that would be lost',
      },
    );
  }
  await client.query(`CREATE TEMPORARY TABLE ${keptName} ON COMMIT DROP AS TABLE ${qualifiedName(table)}`);
  return { ...table, rows };
}

/** Puts the rows back into the table that the dump has made anew. */
export async function giveKeptBack(client: pg.ClientBase, table: KeptTable): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a
     WHERE a.attrelid = ${quoteLiteral(qualifiedName(table))}::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       AND EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = 'pg_temp.${keptName}'::regclass AND k.attname = a.attname)`,
  );
  const columns = rows.map(({ name }) => quoteIdentifier(name)).join(', ');
  await client.query(
    `INSERT INTO ${qualifiedName(table)} (${columns}) OVERRIDING SYSTEM VALUE SELECT ${columns} FROM pg_temp.${keptName}`,
  );
}

/** Moves the table's sequence past the rows that were kept, so that the CRM's next backup gets a number of its own. */
export async function moveSequencePast(client: pg.ClientBase, table: KeptTable): Promise<void> {
  const name = quoteLiteral(qualifiedName(table));
  await client.query(
    `SELECT setval(s.name, greatest(s.last, (SELECT max(id) FROM ${qualifiedName(table)})))
     FROM (SELECT pg_get_serial_sequence(${name}, 'id') AS name,
                  coalesce(pg_sequence_last_value(pg_get_serial_sequence(${name}, 'id')::regclass), 1) AS last) s
     WHERE s.name IS NOT NULL`,
  );
}
