import type pg from 'pg';
import { SourceError } from '../../lib/errors.ts';
import { qualifiedName } from '../../lib/sql.ts';

/** PostgreSQL's exported MVCC snapshot: what every reader of one backup sees. It lives as long as its transaction. */
export interface Snapshot {
  /** Argument of `SET TRANSACTION SNAPSHOT` and of pg_dump's `--snapshot`. */
  id: string;
  /** Our clock just before the snapshot was taken, milliseconds since the epoch. */
  takenAt: number;
  /** How long it took to get the locks on all tables. */
  lockWaitMs: number;
}

/** Tables and partitioned parents of the user's: what pg_dump would lock. */
const lockableTables = `
  SELECT n.nspname AS schema, c.relname AS name, c.oid::int8 AS oid
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND (has_table_privilege(c.oid, 'SELECT'))
  ORDER BY c.oid`;

/**
 * Locks all tables against DDL, then exports a snapshot, in the client's new transaction.
 *
 * The order matters: a TRUNCATE or rewrite that commits between a snapshot and the lock leaves the table looking
 * empty to that snapshot. LOCK TABLE does not yet fix a REPEATABLE READ transaction's view, so locks come first; a
 * table that appeared meanwhile is seen by listing again, and then it starts over.
 *
 * @throws SourceError when a lock can't be had in time or tables keep changing
 */
export async function takeSnapshot(client: pg.ClientBase, now: () => number): Promise<Snapshot> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    const before = await client.query<{ schema: string; name: string; oid: string }>(lockableTables);
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const askedAt = now();
    try {
      await lockTables(client, before.rows);
    } catch (error) {
      await client.query('ROLLBACK');
      // A table of the list was dropped or renamed before its lock: list again.
      if ((error as { code?: string }).code === '42P01') continue;
      throw error;
    }
    const takenAt = now();
    const exported = await client.query<{ id: string }>('SELECT pg_export_snapshot() AS id');
    const after = await client.query<{ oid: string }>(lockableTables);
    const locked = new Set(before.rows.map((table) => table.oid));
    if (after.rows.every((table) => locked.has(table.oid)))
      return { id: exported.rows[0]!.id, takenAt, lockWaitMs: Math.max(0, takenAt - askedAt) };
    await client.query('ROLLBACK');
  }
  throw new SourceError(
    'Tables were created or dropped faster than they could be locked, five times in a row.',
    {
      hint: 'Nothing was written. Run the backup when no migration is under way.',
      publicReason: 'tables kept changing while the backup began',
    },
  );
}

async function lockTables(client: pg.ClientBase, tables: { schema: string; name: string }[]) {
  if (tables.length === 0) return;
  try {
    await client.query(
      `LOCK TABLE ${tables.map((table) => `ONLY ${qualifiedName(table)}`).join(', ')} IN ACCESS SHARE MODE`,
    );
  } catch (error) {
    if ((error as { code?: string }).code !== '55P03') throw error;
    throw new SourceError(
      'A table is locked by another session (a migration, VACUUM FULL or similar) and was not free in time.',
      {
        hint: 'Nothing was written. Run it again later, or raise lock-timeout.',
        publicReason: 'a table was locked by another session',
      },
    );
  }
}

/** Puts another client of the same database onto the snapshot, in a transaction of its own. */
export async function joinSnapshot(client: pg.ClientBase, snapshot: Snapshot): Promise<void> {
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    await client.query(`SET TRANSACTION SNAPSHOT '${snapshot.id}'`);
  } catch (error) {
    throw new SourceError(
      'The snapshot was lost: the connection that holds it has ended, or a pooler sits in between.',
      {
        hint: 'Nothing was written. Use the direct or session-pooler URL of the database, then run it again.',
        publicReason: 'the database snapshot was lost',
        cause: error,
      },
    );
  }
}
