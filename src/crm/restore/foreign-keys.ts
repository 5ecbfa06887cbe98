import type pg from 'pg';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../lib/sql.ts';
import type { CarriedTable } from '../carried-tables.ts';

/** A foreign key that has to do with the tables of a restore. */
export interface ForeignKey {
  name: string;
  childOid: number;
  parentOid: number;
  /** Quoted, with its schema. */
  child: string;
  /** For people. */
  childLabel: string;
  columns: string[];
  parentColumns: string[];
  /** As in pg_constraint: a no action, r restrict, c cascade, n set null, d set default. */
  onDelete: 'a' | 'r' | 'c' | 'n' | 'd';
  definition: string;
  comment: string | null;
}

/** Foreign keys that refer to one of these tables, from one of them or from elsewhere. */
export async function readForeignKeys(
  client: pg.ClientBase,
  carried: readonly CarriedTable[],
): Promise<ForeignKey[]> {
  const names = (side: 'conrelid' | 'confrelid', attributes: 'conkey' | 'confkey') => `
    ARRAY(SELECT a.attname::text FROM unnest(k.${attributes}) WITH ORDINALITY u(attnum, place)
          JOIN pg_attribute a ON a.attrelid = k.${side} AND a.attnum = u.attnum ORDER BY u.place)`;
  const { rows } = await client.query<ForeignKey & { schema: string; table: string }>(
    `SELECT k.conname AS name, k.conrelid AS "childOid", k.confrelid AS "parentOid", n.nspname AS schema, c.relname AS table,
       ${names('conrelid', 'conkey')} AS columns, ${names('confrelid', 'confkey')} AS "parentColumns",
       k.confdeltype AS "onDelete", pg_get_constraintdef(k.oid) AS definition, obj_description(k.oid, 'pg_constraint') AS comment
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = ANY($1::oid[]) ORDER BY k.oid`,
    [carried.map(({ oid }) => oid)],
  );
  return rows.map(({ schema, table, ...key }) => ({
    ...key,
    child: qualifiedName({ schema, name: table }),
    childLabel: `${schema}.${table}`,
  }));
}

/**
 * Takes off foreign keys for the length of the transaction. Between two tables that are both being replaced there is
 * no order in which every step would satisfy them, and their ON DELETE would delete rows that are to stay.
 */
export async function takeOff(client: pg.ClientBase, keys: readonly ForeignKey[]): Promise<void> {
  for (const { child, name } of keys) {
    await client.query(`ALTER TABLE ${child} DROP CONSTRAINT ${quoteIdentifier(name)}`);
  }
}

/** Puts them back as they were, whereby the server checks every row. */
export async function putBack(client: pg.ClientBase, keys: readonly ForeignKey[]): Promise<void> {
  for (const { child, name, definition, comment } of keys) {
    const constraint = `CONSTRAINT ${quoteIdentifier(name)}`;
    await client.query(`ALTER TABLE ${child} ADD ${constraint} ${definition}`);
    if (comment !== null)
      await client.query(`COMMENT ON ${constraint} ON ${child} IS ${quoteLiteral(comment)}`);
  }
}
