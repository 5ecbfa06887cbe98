import type pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../../lib/sql.ts';
import { reasonOf, sqlState } from '../answer.ts';
import type { BackupsTable } from '../backups-table.ts';
import type { CarriedColumn, CarriedTable } from '../carried-tables.ts';
import { rowsFromJson } from '../column-json.ts';
import { type CheckedMember, invalidBackup } from './check-backup.ts';

/** Rows of a backup in their own types, in a temporary table that ends with the transaction. */
export interface StagedTable {
  table: CarriedTable;
  /** Quoted name of the temporary table. */
  name: string;
  columns: CarriedColumn[];
  rows: number;
}

/** @throws Refused 422 when a value is none of its column's type */
export async function stage(
  client: pg.ClientBase,
  backups: BackupsTable,
  id: number,
  members: readonly CheckedMember[],
): Promise<StagedTable[]> {
  const staged: StagedTable[] = [];
  for (const [place, { table, rows, columns }] of members.entries()) {
    const name = `pg_temp.${quoteIdentifier(`holdfast_staged_${place}`)}`;
    const array = `(SELECT data::jsonb->${quoteLiteral(table.member)} FROM ${backups.name} WHERE id = ${id})`;
    try {
      await client.query(
        `CREATE TEMPORARY TABLE ${name} ON COMMIT DROP AS ${rowsFromJson(columns, array)}; ANALYZE ${name}`,
      );
    } catch (error) {
      // Class 22: not a value of the type. 23514: not one of the domain.
      if (!/^22|^23514$/.test(sqlState(error) ?? '')) throw error;
      throw invalidBackup(id, [`${table.member}: ${reasonOf(error)}`]);
    }
    staged.push({ table, name, columns, rows });
  }
  return staged;
}

/** `t.a = s.a AND …` over the primary key, for the table as `t` and the staged rows as `s`. */
export function sameKey(table: CarriedTable): string {
  return table.primaryKey
    .map((name) => `t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`)
    .join(' AND ');
}

/** All carried values of a row as one text; two rows are the same when these are. */
export function rowText(columns: readonly CarriedColumn[], alias: string): string {
  return `ROW(${columns.map(({ name }) => `${alias}.${quoteIdentifier(name)}`).join(', ')})::text`;
}
