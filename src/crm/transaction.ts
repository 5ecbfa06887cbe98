import type pg from 'pg';
import { type AuditEvent, type AuditNote, auditEvent, type Caller, writeAudit } from './audit.ts';
import type { Settings } from './options.ts';

export interface Transaction {
  client: pg.ClientBase;
  /** Writes into the audit table, and tells the callback once this is committed. */
  audit(note: AuditNote): Promise<void>;
}

/**
 * Runs `work` in one transaction on one connection: committed when it returns, rolled back when it throws.
 *
 * READ COMMITTED on purpose: what a lock lets through must be seen by the statement after it, and a REPEATABLE READ
 * transaction would have fixed its view before it got the lock. What has to be one snapshot is one statement.
 */
export async function inTransaction<T>(
  settings: Settings,
  caller: Caller,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const client = await settings.pool.connect();
  // A connection that is lost while in use says so in an event too, and an event nobody hears ends the process.
  client.on('error', ignore);
  const events: AuditEvent[] = [];
  let isBroken = false;
  let result: T;
  try {
    await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${localSettings(settings)}`);
    result = await work({
      client,
      audit: async (note) => {
        const event = auditEvent(caller, note);
        await writeAudit(client, settings.schema, event);
        events.push(event);
      },
    });
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back by the server');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(isBroken);
  }
  for (const event of events) tell(settings, event);
  return result;
}

/** A callback of the CRM's that throws must not turn a backup that was made into an error. */
export function tell(settings: Settings, event: AuditEvent): void {
  try {
    settings.audit(event);
  } catch {
    // There is nobody left to tell.
  }
}

/** Values must read back as they were written, whatever the role, the database or the server are set to. */
function localSettings({ statementTimeoutMs, lockTimeoutMs }: Settings): string {
  return Object.entries({
    TimeZone: `'UTC'`,
    DateStyle: 'ISO',
    IntervalStyle: 'postgres',
    bytea_output: 'hex',
    extra_float_digits: '3',
    lc_monetary: `'C'`,
    xmloption: 'content',
    // A policy that would hide rows is an error, not a smaller backup.
    row_security: 'off',
    statement_timeout: String(statementTimeoutMs),
    lock_timeout: String(lockTimeoutMs),
  })
    .map(([name, value]) => `SET LOCAL ${name} = ${value}`)
    .join('; ');
}

function ignore() {}
