import type pg from 'pg';
import { quoteLiteral } from '../lib/sql.ts';
import type { BackupsTable } from './backups-table.ts';
import type { CarriedTable } from './carried-tables.ts';
import { rowsAsJson } from './column-json.ts';
import { type BackupMetadata, type MetadataRow, metadataOf, metadataSql } from './metadata.ts';
import type { BackupType } from './words.ts';

/** Of the JSON; the same as in the files that `export` writes. */
export const dataVersion = '1.0';

export interface WrittenBackup extends BackupMetadata {
  /** `sha256:` of the JSON text, as a download gives it. */
  digest: string;
}

/**
 * Reads all tables and writes the backup, in one statement: one snapshot, taken when all tables are locked against being
 * emptied, and no row leaves the server. Its time is in the JSON as `timestamp`.
 *
 * @param trigger what caused it, for `trigger_event` and the JSON
 */
export async function writeBackup(
  client: pg.ClientBase,
  table: BackupsTable,
  carried: readonly CarriedTable[],
  about: { type: BackupType; trigger: string },
): Promise<WrittenBackup> {
  const members = carried.map((each) => `${quoteLiteral(each.member)}, ${rowsAsJson(each)}`);
  const { rows } = await client.query<MetadataRow & { digest: string }>(
    `WITH content AS MATERIALIZED (
       SELECT jsonb_build_object(${members.join(', ')},
         'timestamp', to_char(statement_timestamp(), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         'version', ${quoteLiteral(dataVersion)}, 'trigger', $1::text) AS document),
     sized AS MATERIALIZED (SELECT document, convert_to(document::text, 'UTF8') AS bytes FROM content),
     made AS (
       INSERT INTO ${table.name} (date, size_kb, type, status, data, enquiry_count, trigger_event, created_at)
       SELECT statement_timestamp(), ceil(length(bytes) / 1024.0)::int, $2::${table.typeCast}, $3::${table.statusCast},
              document, jsonb_array_length(document->'enquiries'), $1::text, statement_timestamp()
       FROM sized
       RETURNING *)
     SELECT ${metadataSql(table)}, 'sha256:' || encode(sha256(sized.bytes), 'hex') AS digest FROM made, sized`,
    [about.trigger, table.typeWord[about.type], table.successWord],
  );
  const [row] = rows;
  // A trigger or rule of the CRM's on its table could swallow the row.
  if (!row) throw new Error('the database took the backup and kept no row of it');
  return { ...metadataOf(row), digest: row.digest };
}

/** The trace of an attempt that failed: a row without data. The reason is in the audit log. */
export async function writeFailure(
  client: pg.ClientBase,
  table: BackupsTable,
  about: { type: BackupType; trigger: string },
): Promise<number> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO ${table.name} (date, size_kb, type, status, data, enquiry_count, trigger_event, created_at)
     VALUES (now(), 0, $2::${table.typeCast}, $3::${table.statusCast}, ${table.noDataSql}, 0, $1::text, now())
     RETURNING id::text AS id`,
    [about.trigger, table.typeWord[about.type], table.failedWord],
  );
  return Number(rows[0]!.id);
}
