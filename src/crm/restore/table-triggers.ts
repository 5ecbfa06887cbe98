import type pg from 'pg';
import { qualifiedName, quoteIdentifier } from '../../lib/sql.ts';
import type { CarriedTable } from '../carried-tables.ts';

/** A trigger of the CRM's, such as one that touches `updated_at`: it would change rows on their way back. */
export interface TableTrigger {
  table: string;
  name: string;
  /** As in pg_trigger: O usual, R replica, A always. */
  enabled: 'O' | 'R' | 'A';
}

/** Switches off the triggers of these tables and of their partitions; the caller's transaction has them locked. */
export async function switchOff(
  client: pg.ClientBase,
  carried: readonly CarriedTable[],
): Promise<TableTrigger[]> {
  const { rows } = await client.query<{ schema: string; relation: string } & Omit<TableTrigger, 'table'>>(
    `SELECT n.nspname AS schema, c.relname AS relation, g.tgname AS name, g.tgenabled AS enabled
     FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
       AND (g.tgrelid = ANY($1::oid[]) OR g.tgrelid IN
         (SELECT p.relid FROM unnest($1::oid[]) root, LATERAL pg_partition_tree(root::regclass) p))
     ORDER BY g.oid`,
    [carried.map(({ oid }) => oid)],
  );
  const triggers = rows.map(({ schema, relation, name, enabled }) => ({
    table: qualifiedName({ schema, name: relation }),
    name,
    enabled,
  }));
  for (const { table, name } of triggers) {
    await client.query(`ALTER TABLE ONLY ${table} DISABLE TRIGGER ${quoteIdentifier(name)}`);
  }
  return triggers;
}

/** Switches them on again, each as it was. */
export async function switchOn(client: pg.ClientBase, triggers: readonly TableTrigger[]): Promise<void> {
  const how = { O: 'ENABLE', R: 'ENABLE REPLICA', A: 'ENABLE ALWAYS' };
  for (const { table, name, enabled } of triggers) {
    await client.query(`ALTER TABLE ONLY ${table} ${how[enabled]} TRIGGER ${quoteIdentifier(name)}`);
  }
}
