import type { BackupsTable } from './backups-table.ts';
import type { BackupType } from './words.ts';

/** A row of `backups` without its data, in the mission's words whatever the CRM's table has. */
export interface BackupMetadata {
  id: number;
  /** YYYY-MM-DD */
  date: string;
  /** Of the JSON text; 1 KB is 1024 bytes, rounded up. */
  size_kb: number;
  type: BackupType;
  /** True: complete. False: the attempt failed, and there is no data. */
  status: boolean;
  outcome: 'Success' | 'Failed';
  enquiry_count: number;
  trigger_event: string | null;
  /** ISO, UTC; null in a row that somebody else wrote without it. */
  created_at: string | null;
}

/** Select list for `metadataOf`; needs the session's TimeZone to be UTC, which is what a plain timestamp column means. */
export function metadataSql({ typeSql, isSuccessSql }: BackupsTable): string {
  return `id::text AS id, left(date::text, 10) AS date, coalesce(size_kb, 0)::float8 AS size_kb, ${typeSql} AS type,
    ${isSuccessSql} AS status, coalesce(enquiry_count, 0)::int AS enquiry_count, trigger_event::text AS trigger_event,
    to_char(created_at::timestamptz, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at`;
}

export type MetadataRow = Omit<BackupMetadata, 'id' | 'outcome'> & { id: string };

export function metadataOf(row: MetadataRow): BackupMetadata {
  const { date, size_kb, type, status, enquiry_count, trigger_event, created_at } = row;
  const outcome = status ? 'Success' : 'Failed';
  return {
    id: Number(row.id),
    date,
    size_kb,
    type,
    status,
    outcome,
    enquiry_count,
    trigger_event,
    created_at,
  };
}
