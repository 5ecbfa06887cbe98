import type pg from 'pg';
import { quoteIdentifier } from '../../lib/sql.ts';
import { Refused } from '../refused.ts';
import { invalidBackup } from './check-backup.ts';
import type { ForeignKey } from './foreign-keys.ts';
import { type StagedTable, sameKey } from './stage.ts';

/** @throws Refused 422 when rows of the backup refer to rows that the backup should have, and has not */
export async function refuseBrokenReferences(
  client: pg.ClientBase,
  id: number,
  staged: readonly StagedTable[],
  inside: readonly ForeignKey[],
): Promise<void> {
  const problems: string[] = [];
  for (const key of inside) {
    const child = staged.find(({ table }) => table.oid === key.childOid)!;
    const parent = staged.find(({ table }) => table.oid === key.parentOid)!;
    const has = (side: StagedTable, names: readonly string[]) =>
      names.every((name) => side.columns.some((column) => column.name === name));
    if (!has(child, key.columns) || !has(parent, key.parentColumns)) continue;
    const given = key.columns.map((name) => `c.${quoteIdentifier(name)} IS NOT NULL`).join(' AND ');
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${child.name} c
       WHERE ${given} AND NOT EXISTS (SELECT FROM ${parent.name} p WHERE ${matches(key)})`,
    );
    const { count } = rows[0]!;
    if (count > 0) {
      problems.push(
        `${child.table.member}: ${count} rows refer by ${key.columns.join(', ')} to ${parent.table.member} that the backup does not have`,
      );
    }
  }
  if (problems.length > 0) throw invalidBackup(id, problems);
}

/**
 * Rows of other tables refer to rows that the backup does not have, and that a restore therefore deletes. Those other
 * rows are in no backup of ours: they are never deleted or changed unless the caller said so.
 *
 * @param cascade whether ON DELETE CASCADE, SET NULL and SET DEFAULT may do their work
 * @throws Refused 409 with the rows in the way, counted
 */
export async function refuseRowsInTheWay(
  client: pg.ClientBase,
  staged: readonly StagedTable[],
  outside: readonly ForeignKey[],
  cascade: boolean,
): Promise<void> {
  const inTheWay: { table: string; refers_to: string; rows: number; on_delete: string }[] = [];
  for (const key of outside) {
    const { table, name } = staged.find((each) => each.table.oid === key.parentOid)!;
    if (cascade && ['c', 'n', 'd'].includes(key.onDelete)) continue;
    const kept =
      table.primaryKey.length === 0 ? '' : ` AND NOT EXISTS (SELECT FROM ${name} s WHERE ${sameKey(table)})`;
    const joined = key.columns
      .map(
        (column, place) => `c.${quoteIdentifier(column)} = t.${quoteIdentifier(key.parentColumns[place]!)}`,
      )
      .join(' AND ');
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${key.child} c JOIN ${table.name} t ON ${joined}${kept}`,
    );
    const { count } = rows[0]!;
    const fate = fates[key.onDelete];
    if (count > 0)
      inTheWay.push({ table: key.childLabel, refers_to: table.label, rows: count, on_delete: fate });
  }
  if (inTheWay.length === 0) return;
  const list = inTheWay.map((each) => `${each.rows} rows of ${each.table} (${each.on_delete})`).join(', ');
  const canCascade = inTheWay.every(({ on_delete: fate }) => fate !== 'refused');
  const advice = canCascade ? 'Add "cascade": true to let that happen.' : 'Remove those rows first.';
  const message = `Rows of other tables refer to rows that the backup does not have: ${list}. Nothing was changed. ${advice}`;
  throw new Refused(409, 'rows_in_the_way', message, { details: { in_the_way: inTheWay } });
}

const fates = {
  a: 'refused',
  r: 'refused',
  c: 'would be deleted',
  n: 'would be set to null',
  d: 'would be set to their default',
} as const;

function matches(key: ForeignKey): string {
  return key.columns
    .map((column, place) => `p.${quoteIdentifier(key.parentColumns[place]!)} = c.${quoteIdentifier(column)}`)
    .join(' AND ');
}
