import type pg from 'pg';
import { z } from 'zod';
import { quoteLiteral } from '../../lib/sql.ts';
import type { BackupsTable } from '../backups-table.ts';
import type { CarriedColumn, CarriedTable } from '../carried-tables.ts';
import { noSuchBackup } from '../download.ts';
import { Refused } from '../refused.ts';
import { dataVersion } from '../write-backup.ts';

/** What the server says about the data of a backup; the rows themselves stay there. */
const dataSchema = z.object({
  status: z.literal(true, 'the attempt failed'),
  kind: z.literal('object', 'not a JSON object'),
  version: z.literal(dataVersion, `not ${dataVersion}, the version that can be restored`),
  timestamp: z.iso.datetime('not a time'),
  trigger: z.string('not a text'),
});
const memberSchema = z.object({
  kind: z.literal('array', 'not an array'),
  others: z.literal(0, 'holds something that is not a row'),
});

/** Rows of one member, and the columns that they have. */
export interface CheckedMember {
  table: CarriedTable;
  rows: number;
  columns: CarriedColumn[];
}

/**
 * Checks all that can be told before a row is read into its types: version, counts, shape, columns.
 *
 * The row is locked until the transaction ends, so that retention cannot take it away meanwhile.
 *
 * @throws Refused 404 when there is no such backup, 422 with every problem found
 */
export async function checkBackup(
  client: pg.ClientBase,
  table: BackupsTable,
  carried: readonly CarriedTable[],
  id: number,
): Promise<CheckedMember[]> {
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT ${table.isSuccessSql} AS status, jsonb_typeof(data::jsonb) AS kind, data::jsonb->>'version' AS version,
       data::jsonb->>'timestamp' AS timestamp, data::jsonb->>'trigger' AS trigger, enquiry_count::int AS enquiry_count
     FROM ${table.name} WHERE id = $1::bigint FOR KEY SHARE`,
    [id],
  );
  const [found] = rows;
  if (!found) throw noSuchBackup(id);
  const problems = problemsOf('data', dataSchema.safeParse(found));
  if (found['kind'] !== 'object') throw invalidBackup(id, problems);
  const members: CheckedMember[] = [];
  for (const each of carried) {
    const member = await readMember(client, table, each, id, problems);
    if (each.member === 'enquiries' && member.rows !== found['enquiry_count']) {
      problems.push(`enquiries: ${member.rows} rows, and enquiry_count says ${found['enquiry_count']}`);
    }
    members.push(member);
  }
  if (problems.length > 0) throw invalidBackup(id, problems);
  return members;
}

async function readMember(
  client: pg.ClientBase,
  table: BackupsTable,
  carried: CarriedTable,
  id: number,
  problems: string[],
): Promise<CheckedMember> {
  const { member } = carried;
  const array = `data::jsonb->${quoteLiteral(member)}`;
  const elements = `${table.name} b, jsonb_array_elements(CASE jsonb_typeof(${array}) WHEN 'array' THEN ${array} ELSE '[]' END) e`;
  const { rows } = await client.query<{ kind: string | null; rows: number; others: number }>(
    `SELECT (SELECT jsonb_typeof(${array}) FROM ${table.name} WHERE id = $1::bigint) AS kind,
       (SELECT count(*)::int FROM ${elements} WHERE b.id = $1::bigint) AS rows,
       (SELECT count(*)::int FROM ${elements} WHERE b.id = $1::bigint AND jsonb_typeof(e) <> 'object') AS others`,
    [id],
  );
  const shape = rows[0]!;
  const wrong = problemsOf(member, memberSchema.safeParse(shape));
  problems.push(...wrong);
  if (wrong.length > 0) return { table: carried, rows: shape.rows, columns: [] };
  const { rows: keys } = await client.query<{ key: string; rows: number }>(
    `SELECT k AS key, count(*)::int AS rows FROM ${elements}, jsonb_object_keys(e) k WHERE b.id = $1::bigint GROUP BY k ORDER BY k`,
    [id],
  );
  const known = [...carried.columns.map(({ name }) => name), ...carried.generated];
  for (const { key, rows } of keys) {
    const column = JSON.stringify(key);
    if (!known.includes(key)) problems.push(`${member}: ${carried.label} has no column ${column} any more`);
    else if (rows !== shape.rows) problems.push(`${member}: ${shape.rows - rows} rows lack ${column}`);
  }
  const present = new Set(keys.map(({ key }) => key));
  for (const name of shape.rows === 0 ? [] : carried.primaryKey) {
    if (!present.has(name)) problems.push(`${member}: the rows lack their key ${JSON.stringify(name)}`);
  }
  // A column that came after the backup keeps what it has in rows that stay, and is given its default in others.
  const columns = carried.columns.filter(({ name }) => shape.rows === 0 || present.has(name));
  return { table: carried, rows: shape.rows, columns };
}

function problemsOf(member: string, result: z.ZodSafeParseResult<unknown>): string[] {
  return result.success
    ? []
    : result.error.issues.map(
        ({ path, message }) =>
          `${[member, ...path].filter((part) => part !== 'kind' && part !== 'others').join('.')}: ${message}`,
      );
}

export function invalidBackup(id: number, problems: readonly string[]): Refused {
  const message = `Backup ${id} cannot be restored: ${problems[0]}. Nothing was changed.`;
  return new Refused(422, 'invalid_backup', message, { details: { problems: problems.slice(0, 20) } });
}
