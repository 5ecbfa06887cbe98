import type pg from 'pg';
import { ConfigError, IntegrityError } from '../../lib/errors.ts';
import { quoteIdentifier } from '../../lib/sql.ts';
import { rowText, type StagedTable, sameKey } from './stage.ts';

/** What a restore did to a table. */
export interface TableChange {
  before: number;
  after: number;
  inserted: number;
  updated: number;
  deleted: number;
}

/**
 * Makes a table hold exactly the staged rows. Rows that are in both are changed in place, and those that are equal are
 * not touched, because other tables may refer to them: deleting and inserting them anew would take those along.
 *
 * @throws ConfigError when the table has no primary key and other tables refer to it
 */
export async function replaceRows(
  client: pg.ClientBase,
  staged: StagedTable,
  isReferredTo: boolean,
): Promise<TableChange> {
  const { table, name, columns } = staged;
  const before = await count(client, table.name);
  const isKeyless = table.primaryKey.length === 0;
  if (isKeyless && isReferredTo) {
    throw new ConfigError(
      `${table.label} has no primary key, and other tables refer to it. Nothing was changed.`,
    );
  }
  const affected = async (sql: string) => (await client.query(sql)).rowCount ?? 0;
  const key = sameKey(table);
  const elsewhere = (other: string, alias: string) =>
    isKeyless ? '' : ` WHERE NOT EXISTS (SELECT FROM ${other} ${alias} WHERE ${key})`;
  const deleted = await affected(`DELETE FROM ${table.name} t${elsewhere(name, 's')}`);
  const changeable = columns.filter(
    (column) => !column.isAlwaysIdentity && !table.primaryKey.includes(column.name),
  );
  let updated = 0;
  if (!isKeyless && changeable.length > 0) {
    const set = changeable
      .map(({ name }) => `${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`)
      .join(', ');
    updated = await affected(
      `UPDATE ${table.name} t SET ${set} FROM ${name} s
       WHERE ${key} AND ${rowText(changeable, 't')} IS DISTINCT FROM ${rowText(changeable, 's')}`,
    );
  }
  const list = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const inserted = await affected(
    `INSERT INTO ${table.name} (${list}) OVERRIDING SYSTEM VALUE
     SELECT ${list} FROM ${name} s${elsewhere(table.name, 't')}`,
  );
  return { before, after: await count(client, table.name), inserted, updated, deleted };
}

/** @throws IntegrityError unless the table holds exactly the staged rows, compared value by value */
export async function proveEqual(client: pg.ClientBase, staged: StagedTable): Promise<void> {
  const { table, name, columns, rows } = staged;
  const actual = await count(client, table.name);
  const { rows: differences } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (
       SELECT ${rowText(columns, 's')} FROM ${name} s EXCEPT ALL SELECT ${rowText(columns, 't')} FROM ${table.name} t) d`,
  );
  const different = differences[0]!.count;
  if (actual === rows && different === 0) return;
  throw new IntegrityError(
    `${table.label} held ${actual} rows after the restore, the backup has ${rows}, and ${different} of them were not as they should be. Nothing was changed.`,
  );
}

async function count(client: pg.ClientBase, table: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`);
  return Number(rows[0]!.count);
}
