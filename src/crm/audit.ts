import type pg from 'pg';
import { qualifiedName } from '../lib/sql.ts';

export interface AuditEvent {
  operation: 'list' | 'download' | 'backup' | 'restore' | 'retention' | 'request';
  /** `refused`: nothing was tried. `skipped`: a rule said no. `began`: how it ended is another event, or it was killed. */
  outcome: 'began' | 'succeeded' | 'skipped' | 'refused' | 'failed';
  backupId: number | null;
  trigger: string | null;
  /** The reason of a failure, or what was done; never a secret. */
  detail: string | null;
  /** Who asked, as far as the request tells. */
  actor: string | null;
  address: string | null;
}

/** An event before it is known who asked. */
export type AuditNote = Pick<AuditEvent, 'operation' | 'outcome'> &
  Partial<Pick<AuditEvent, 'backupId' | 'trigger' | 'detail'>>;

/** Who asked. */
export type Caller = Pick<AuditEvent, 'actor' | 'address'>;

export function auditEvent(caller: Caller, note: AuditNote): AuditEvent {
  return {
    operation: note.operation,
    outcome: note.outcome,
    backupId: note.backupId ?? null,
    trigger: note.trigger ?? null,
    detail: plain(note.detail, 1000),
    // Headers are the caller's own words: one line, and not too long.
    actor: plain(caller.actor, 200),
    address: plain(caller.address, 100),
  };
}

function plain(text: string | null | undefined, length: number): string | null {
  return text == null ? null : text.replace(/\p{Cc}+/gu, ' ').slice(0, length);
}

/** Writes an event in the caller's transaction, so that it is there exactly when what it tells of is. */
export async function writeAudit(client: pg.ClientBase, schema: string, event: AuditEvent): Promise<void> {
  await client.query(
    `INSERT INTO ${qualifiedName({ schema, name: 'backup_audit' })}
       (operation, outcome, backup_id, trigger_event, detail, actor, address) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [event.operation, event.outcome, event.backupId, event.trigger, event.detail, event.actor, event.address],
  );
}

/** Events older than this are removed after a backup. */
export const auditKeptDays = 400;

/** One JSON line on stderr for each failure: where the host's log is, and also when the database is not there. */
export function logFailures(event: AuditEvent): void {
  if (event.outcome === 'failed') process.stderr.write(`backup endpoint: ${JSON.stringify(event)}\n`);
}
