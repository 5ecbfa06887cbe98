import type pg from 'pg';
import { qualifiedName } from '../lib/sql.ts';
import type { ChosenTables } from './choose-tables.ts';

/**
 * What the connected role lacks for a restore of some tables, in plain words. Tables that the target does not have are not
 * told here: see `tablesThatDiffer`.
 */
export async function missingForTables(
  client: pg.ClientBase,
  { restored, emptied }: ChosenTables,
): Promise<string[]> {
  const { rows } = await client.query<{ me: string; name: string; owner: string }>(
    `SELECT current_user AS me, c.oid::regclass::text AS name, pg_get_userbyid(c.relowner) AS owner
     FROM unnest($1::text[]) u(name) JOIN pg_class c ON c.oid = to_regclass(u.name)
     WHERE NOT pg_has_role(c.relowner, 'USAGE')
       AND (NOT has_table_privilege(c.oid, 'TRUNCATE') OR NOT has_table_privilege(c.oid, 'INSERT')
         OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid))`,
    [[...restored, ...emptied].map(qualifiedName)],
  );
  return rows.map(
    ({ me, name, owner }) =>
      `${me} may not empty the table ${name}, silence its triggers or drop its foreign keys: it belongs to ${owner}`,
  );
}
