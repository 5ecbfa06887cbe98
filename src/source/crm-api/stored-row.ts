import { type BackupsTable, readBackupsTable } from '../../crm/backups-table.ts';
import { IntegrityError } from '../../lib/errors.ts';
import { type Connected, type ConnectionTarget, connect, disconnect } from '../postgres/connect.ts';
import { explaining } from '../postgres/explain-server.ts';
import { untouched } from './explain-network.ts';
import { longestLimitMs } from './history.ts';
import type { MadeBackup } from './made-backup.ts';
import { notAsPromised } from './not-as-promised.ts';

/** The CRM's table of backups, read directly: where its database can be reached, no download is needed. */

const lockTimeoutMs = 60_000;

interface Row {
  isSuccess: boolean;
  text: string | null;
}

/** @throws IntegrityError when the row is not there or not complete; ConfigError or SourceError as of any database */
export function readStoredBackup(target: ConnectionTarget, id: string): Promise<Buffer> {
  return withTable(target, async ({ client }, table) => {
    const { rows } = await client.query<Row>(
      `SELECT ${table.isSuccessSql} AS "isSuccess", data::text AS text FROM ${table.name} WHERE id::text = $1`,
      [id],
    );
    const [row] = rows;
    if (!row) {
      throw new IntegrityError(
        `The CRM says that it made backup ${id}, and its table has no such row. ${untouched}`,
        {
          hint: 'Is url the database of this very CRM?',
          publicReason: 'the CRM’s database lacks the backup it made',
        },
      );
    }
    if (!row.isSuccess || row.text === null) throw notAsPromised(`row ${id} of its table is not complete`);
    return Buffer.from(row.text);
  });
}

/** The newest complete backup of the last hour; null when there is none. */
export function newestStoredBackup(target: ConnectionTarget): Promise<MadeBackup | null> {
  return withTable(target, async ({ client }, table) => {
    const { rows } = await client.query<{ id: string; createdAtMs: number }>(
      `SELECT id::text AS id, extract(epoch FROM created_at::timestamptz)::float8 * 1000 AS "createdAtMs" FROM ${table.name}
       WHERE ${table.isSuccessSql} AND created_at::timestamptz > now() - $1 * interval '1 millisecond'
       ORDER BY created_at DESC LIMIT 1`,
      [longestLimitMs],
    );
    const [row] = rows;
    return row ? { ...row, sizeBytes: null, enquiries: null, digest: null } : null;
  });
}

async function withTable<T>(
  target: ConnectionTarget,
  work: (connected: Connected, table: BackupsTable) => Promise<T>,
): Promise<T> {
  const connected = await connect(target, { lockTimeoutMs });
  try {
    return await explaining('the CRM’s table of backups was read', async () => {
      // A time without a zone is UTC there, as Prisma writes it.
      await connected.client.query("SET TimeZone = 'UTC'");
      return work(connected, await readBackupsTable(connected.client, 'public'));
    });
  } finally {
    await disconnect(connected.client);
  }
}
