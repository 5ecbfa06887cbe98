import { reasonOf } from './answer.ts';
import { auditEvent, auditKeptDays, type Caller } from './audit.ts';
import { readBackupsTable } from './backups-table.ts';
import type { Settings } from './options.ts';
import { inTransaction, tell } from './transaction.ts';
import type { BackupType } from './words.ts';

export interface KeptRow {
  id: string;
  type: BackupType;
  isSuccess: boolean;
  /** Null: nobody wrote when it was made. */
  createdMs: number | null;
}

/**
 * The ids of backups to remove. Ordinary backups, Pre-restore ones and failed attempts are looked at apart, so that a
 * day of failures, or of restores, pushes no good backup out. In each of the three a row stays when it is among the
 * newest `keepLast` **or** younger than `retentionDays`. The newest complete one always stays, as does a row without
 * a date.
 */
export function planRetention(
  rows: readonly KeptRow[],
  policy: { keepLast: number; retentionDays: number },
  nowMs: number,
): string[] {
  const oldestMs = nowMs - policy.retentionDays * 86_400_000;
  const groupOf = ({ type, isSuccess }: KeptRow) =>
    !isSuccess ? 'failed' : type === 'Pre-restore' ? 'pre-restore' : 'ordinary';
  return ['ordinary', 'pre-restore', 'failed'].flatMap((group) => {
    const keepLast = group === 'failed' ? policy.keepLast : Math.max(1, policy.keepLast);
    const newestFirst = rows
      .filter((row) => groupOf(row) === group && row.createdMs !== null)
      .sort((a, b) => b.createdMs! - a.createdMs! || Number(b.id) - Number(a.id));
    return newestFirst
      .slice(keepLast)
      .filter(({ createdMs }) => createdMs! < oldestMs)
      .map(({ id }) => id);
  });
}

/**
 * Removes what `planRetention` names, by the database's clock, and audit events that are old. Comes after a backup that
 * is already committed: when it fails, that is said and logged, and the backup stands.
 */
export async function prune(settings: Settings, caller: Caller): Promise<void> {
  try {
    await inTransaction(settings, caller, async ({ client, audit }) => {
      const table = await readBackupsTable(client, settings.schema);
      const { rows } = await client.query<KeptRow & { nowMs: number }>(
        `SELECT id::text AS id, ${table.typeSql} AS type, ${table.isSuccessSql} AS "isSuccess",
           extract(epoch FROM created_at::timestamptz)::float8 * 1000 AS "createdMs",
           extract(epoch FROM clock_timestamp())::float8 * 1000 AS "nowMs"
         FROM ${table.name}`,
      );
      const ids = planRetention(rows, settings, rows[0]?.nowMs ?? 0);
      if (ids.length > 0) {
        await client.query(`DELETE FROM ${table.name} WHERE id::text = ANY($1)`, [ids]);
        await audit({ operation: 'retention', outcome: 'succeeded', detail: `removed ${ids.join(', ')}` });
      }
      await client.query(
        `DELETE FROM ${table.auditName} WHERE at < clock_timestamp() - $1 * interval '1 day'`,
        [auditKeptDays],
      );
    });
  } catch (error) {
    const note = { operation: 'retention', outcome: 'failed', detail: reasonOf(error) } as const;
    tell(settings, auditEvent(caller, note));
  }
}
