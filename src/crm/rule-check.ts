import type pg from 'pg';
import type { BackupsTable } from './backups-table.ts';
import { nextAllowedMs, type Rule } from './rules.ts';

export type Permission =
  | { isAllowed: true }
  /** `nextAllowedAt` ISO, by the database's clock. */
  | { isAllowed: false; reason: string; nextAllowedAt: string };

/** The other one counts from its own start, which may be a little later than our question. */
const headStartMs = 5_000;

/**
 * Whether a rule lets a backup be made now. A yes holds until the transaction ends: other servers that ask meanwhile
 * are told no, at once, because waiting would take their connections from the CRM.
 */
export async function permissionFor(
  client: pg.ClientBase,
  schema: string,
  table: BackupsTable,
  rule: Rule | null,
): Promise<Permission> {
  if (rule === null || rule.minimumMinutes === null) return { isAllowed: true };
  const { rows: locks } = await client.query<{ is_mine: boolean; now_ms: number }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS is_mine,
            extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms`,
    [`holdfast crm rule ${schema} ${rule.name}`],
  );
  const { is_mine: isMine, now_ms: askedMs } = locks[0]!;
  if (!isMine) {
    const nextMs = askedMs + rule.minimumMinutes * 60_000 + headStartMs;
    return no(`A backup for ${rule.name} is being made at this moment.`, nextMs);
  }
  // A statement of its own, after the lock: it sees what the last holder of the lock has committed.
  const { rows } = await client.query<{ last_ms: number | null; now_ms: number }>(
    `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms,
       (SELECT extract(epoch FROM max(created_at::timestamptz))::float8 * 1000 FROM ${table.name}
        WHERE trigger_event::text = ANY($1) AND (${table.typeSql}) = 'Auto' AND ${table.isSuccessSql}
          AND created_at::timestamptz <= clock_timestamp() + $2 * interval '1 minute') AS last_ms`,
    [rule.words, rule.minimumMinutes],
  );
  const { last_ms: lastMs, now_ms: nowMs } = rows[0]!;
  const nextMs = nextAllowedMs(rule, lastMs, nowMs);
  if (nextMs === null) return { isAllowed: true };
  return no(`The last backup for ${rule.name} is less than ${rule.minimumMinutes} minutes old.`, nextMs);
}

function no(reason: string, nextMs: number): Permission {
  // Rounded up: who comes at that time must not be early.
  return { isAllowed: false, reason, nextAllowedAt: new Date(Math.ceil(nextMs)).toISOString() };
}
