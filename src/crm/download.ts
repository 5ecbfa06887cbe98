import { createHash } from 'node:crypto';
import type pg from 'pg';
import { plainHeaders } from './answer.ts';
import type { BackupsTable } from './backups-table.ts';
import { type MetadataRow, metadataOf, metadataSql } from './metadata.ts';
import { Refused } from './refused.ts';

/**
 * A backup as a JSON file, with what a reader needs to see that it got all of it: length, digest and id.
 *
 * The whole text is in memory here, as it is in the driver; jsonb itself ends at 256 MB.
 *
 * @throws Refused 404 when there is no such backup, 409 when the attempt failed and so has no data
 */
export async function downloadAnswer(
  client: pg.ClientBase,
  table: BackupsTable,
  id: number,
): Promise<Response> {
  const { rows } = await client.query<MetadataRow & { text: string | null }>(
    `SELECT ${metadataSql(table)}, data::text AS text FROM ${table.name} WHERE id = $1::bigint`,
    [id],
  );
  const [row] = rows;
  if (!row) throw noSuchBackup(id);
  const backup = metadataOf(row);
  if (!backup.status || row.text === null) {
    throw new Refused(409, 'no_data', `Backup ${id} failed, so there is nothing to download.`);
  }
  const bytes = Buffer.from(row.text);
  const hash = createHash('sha256').update(bytes).digest();
  return new Response(
    new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) as Uint8Array<ArrayBuffer>,
    {
      headers: {
        ...plainHeaders,
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(bytes.length),
        'content-disposition': `attachment; filename="backup-${id}-${backup.date}.json"`,
        // RFC 9530's form, and the same in the form of the answer that made it.
        'repr-digest': `sha-256=:${hash.toString('base64')}:`,
        'x-content-digest': `sha256:${hash.toString('hex')}`,
        'x-backup-id': String(id),
        'x-backup-created-at': backup.created_at ?? '',
      },
    },
  );
}

export function noSuchBackup(id: number): Refused {
  return new Refused(404, 'not_found', `There is no backup ${id}.`);
}
