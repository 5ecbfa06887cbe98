import type pg from 'pg';
import { z } from 'zod';
import type { BackupsTable } from './backups-table.ts';
import { type BackupMetadata, type MetadataRow, metadataOf, metadataSql } from './metadata.ts';
import type { BackupType } from './words.ts';

const wholeNumber = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'a whole number from 1')
  .transform(Number);

/** Query of the list: newest first, `before` an id for the next page. */
export const historyQuery = z.strictObject({
  limit: wholeNumber.pipe(z.int().max(200, '200 at most')).default(50),
  before: wholeNumber.optional(),
});

export async function readHistory(
  client: pg.ClientBase,
  table: BackupsTable,
  query: z.infer<typeof historyQuery>,
): Promise<BackupMetadata[]> {
  const { rows } = await client.query<MetadataRow>(
    `SELECT ${metadataSql(table)} FROM ${table.name} b WHERE $1::bigint IS NULL OR b.id < $1 ORDER BY b.id DESC LIMIT $2`,
    [query.before ?? null, query.limit],
  );
  return rows.map(metadataOf);
}

/** About all rows there are, which retention bounds. */
export interface Statistics {
  count: number;
  complete: number;
  failed: number;
  /** Of all attempts, 0 to 1; null when there was none. */
  success_rate: number | null;
  failure_rate: number | null;
  total_size_kb: number;
  /** Of the complete ones; null when there is none. */
  average_size_kb: number | null;
  largest_size_kb: number | null;
  by_type: Record<BackupType, number>;
  /** The last attempt of each type, complete or failed; null when there is none. */
  last: Record<BackupType, BackupMetadata | null>;
  last_complete: BackupMetadata | null;
  last_failed: BackupMetadata | null;
}

interface Sums {
  type: BackupType;
  is_success: boolean;
  count: number;
  size_kb: number;
  largest_kb: number;
}

export async function readStatistics(client: pg.ClientBase, table: BackupsTable): Promise<Statistics> {
  const { typeSql, isSuccessSql, name } = table;
  const { rows: sums } = await client.query<Sums>(
    `SELECT ${typeSql} AS type, ${isSuccessSql} AS is_success, count(*)::int AS count,
       coalesce(sum(size_kb), 0)::float8 AS size_kb, coalesce(max(size_kb), 0)::float8 AS largest_kb
     FROM ${name} GROUP BY 1, 2`,
  );
  const { rows: newest } = await client.query<MetadataRow>(
    `SELECT DISTINCT ON (${typeSql}, ${isSuccessSql}) ${metadataSql(table)} FROM ${name} b
     ORDER BY ${typeSql}, ${isSuccessSql}, b.created_at DESC NULLS LAST, b.id DESC`,
  );
  const latest = newest.map(metadataOf).sort(newestFirst);
  const last = (isWanted: (backup: BackupMetadata) => boolean) => latest.find(isWanted) ?? null;
  const complete = sums.filter((sum) => sum.is_success);
  const [all, good] = [total(sums, 'count'), total(complete, 'count')];
  const ofType = (type: BackupType) => sums.filter((sum) => sum.type === type);
  return {
    count: all,
    complete: good,
    failed: all - good,
    success_rate: all === 0 ? null : good / all,
    failure_rate: all === 0 ? null : (all - good) / all,
    total_size_kb: total(sums, 'size_kb'),
    average_size_kb: good === 0 ? null : Math.round(total(complete, 'size_kb') / good),
    largest_size_kb: good === 0 ? null : Math.max(...complete.map((sum) => sum.largest_kb)),
    by_type: {
      Auto: total(ofType('Auto'), 'count'),
      Manual: total(ofType('Manual'), 'count'),
      'Pre-restore': total(ofType('Pre-restore'), 'count'),
    },
    last: {
      Auto: last(({ type }) => type === 'Auto'),
      Manual: last(({ type }) => type === 'Manual'),
      'Pre-restore': last(({ type }) => type === 'Pre-restore'),
    },
    last_complete: last(({ status }) => status),
    last_failed: last(({ status }) => !status),
  };
}

function total(sums: readonly Sums[], of: 'count' | 'size_kb'): number {
  return sums.reduce((sum, each) => sum + each[of], 0);
}

function newestFirst(a: BackupMetadata, b: BackupMetadata): number {
  return (b.created_at ?? '').localeCompare(a.created_at ?? '') || b.id - a.id;
}
