import type pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../lib/sql.ts';

/**
 * The SQL that the endpoint needs in a database: the mission's table, and two small ones beside it. It can be run any
 * number of times. A `backups` table that is there already stays exactly as it is; the endpoint adapts to its types.
 *
 * @param schema default `public`
 */
export function migrationSql(schema = 'public'): string {
  const name = (table: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  return `CREATE TABLE IF NOT EXISTS ${name('backups')} (
  id serial PRIMARY KEY,
  date date DEFAULT CURRENT_DATE NOT NULL,
  size_kb integer DEFAULT 0 NOT NULL,
  type text NOT NULL CHECK (type IN ('Auto', 'Manual', 'Pre-restore')),
  status boolean NOT NULL,
  data jsonb,
  enquiry_count integer DEFAULT 0 NOT NULL,
  trigger_event text,
  created_at timestamptz DEFAULT now() NOT NULL
);

-- Idempotency-Key headers of the last 24 hours, as digests.
CREATE TABLE IF NOT EXISTS ${name('backup_requests')} (
  key_digest text PRIMARY KEY,
  method text NOT NULL,
  trigger_event text NOT NULL,
  backup_id bigint NOT NULL,
  created_at timestamptz DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE IF NOT EXISTS ${name('backup_audit')} (
  id bigserial PRIMARY KEY,
  at timestamptz DEFAULT clock_timestamp() NOT NULL,
  operation text NOT NULL,
  outcome text NOT NULL,
  backup_id bigint,
  trigger_event text,
  detail text,
  actor text,
  address text
);
`;
}

/** Runs the migration in one transaction. Several servers may do so at once. */
export async function migrate(pool: Pick<pg.Pool, 'connect'>, schema = 'public'): Promise<void> {
  const client = await pool.connect();
  try {
    // IF NOT EXISTS alone fails when two do it at the same moment.
    const lock = `SELECT pg_advisory_xact_lock(hashtextextended(${quoteLiteral(`holdfast crm migration ${schema}`)}, 0))`;
    await client.query(`BEGIN; ${lock}; ${migrationSql(schema)} COMMIT`);
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
