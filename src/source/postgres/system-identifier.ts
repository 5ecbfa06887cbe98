import type pg from 'pg';

/**
 * What tells this server from any other; null where the role may not read it. Asked in two steps, because PostgreSQL
 * checks the right to call a function before it runs the statement, also in a branch of a CASE that is never taken.
 */
export async function readSystemIdentifier(client: pg.ClientBase): Promise<string | null> {
  const { rows: rights } = await client.query<{ may: boolean }>(
    `SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS may`,
  );
  if (!rights[0]!.may) return null;
  const { rows } = await client.query<{ system: string }>(
    'SELECT system_identifier::text AS system FROM pg_control_system()',
  );
  return rows[0]!.system;
}
