import { createHash } from 'node:crypto';
import type pg from 'pg';
import { qualifiedName } from '../lib/sql.ts';
import { sqlState } from './answer.ts';
import { Refused } from './refused.ts';

/** A request that may come twice, because its answer got lost: the second one is given the backup of the first. */
export interface RepeatableRequest {
  /** Of the `Idempotency-Key`, so that its length and content don't matter to the table. */
  keyDigest: string;
  method: string;
  trigger: string;
}

/**
 * @returns null without the header
 * @throws Refused 400 for a key that is empty or too long
 */
export function repeatable(request: Request, trigger: string): RepeatableRequest | null {
  const key = request.headers.get('idempotency-key');
  if (key === null) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refused(400, 'invalid_request', 'Idempotency-Key: 1 to 255 visible ASCII characters.', {
      field: 'Idempotency-Key',
    });
  }
  return { keyDigest: createHash('sha256').update(key).digest('hex'), method: request.method, trigger };
}

/**
 * The backup that a request with this key has made in the last 24 hours; null when there is none. A twin that is still
 * being worked on is waited for, and no other begins before this transaction ends.
 *
 * @throws Refused 409 when the twin takes too long, 422 when the key was used for something else
 */
export async function backupOfTwin(
  client: pg.ClientBase,
  schema: string,
  request: RepeatableRequest,
): Promise<string | null> {
  try {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `holdfast crm request ${schema} ${request.keyDigest}`,
    ]);
  } catch (error) {
    if (sqlState(error) !== '55P03') throw error;
    const message = 'A request with this Idempotency-Key is still being worked on.';
    throw new Refused(409, 'in_progress', message, { headers: { 'retry-after': '10' } });
  }
  const { rows } = await client.query<{ id: string; method: string; trigger: string }>(
    `SELECT backup_id::text AS id, method, trigger_event AS trigger FROM ${requestsTable(schema)}
     WHERE key_digest = $1 AND created_at > clock_timestamp() - interval '24 hours'`,
    [request.keyDigest],
  );
  const [twin] = rows;
  if (!twin) return null;
  if (twin.method === request.method && twin.trigger === request.trigger) return twin.id;
  const message = 'This Idempotency-Key was used for another method or trigger.';
  throw new Refused(422, 'idempotency_key_reused', message, { field: 'Idempotency-Key' });
}

/** Remembers which backup a request has made, and forgets those of more than 24 hours ago. */
export async function rememberRequest(
  client: pg.ClientBase,
  schema: string,
  request: RepeatableRequest,
  backupId: number,
): Promise<void> {
  await client.query(
    `INSERT INTO ${requestsTable(schema)} (key_digest, method, trigger_event, backup_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (key_digest) DO UPDATE SET method = excluded.method, trigger_event = excluded.trigger_event,
       backup_id = excluded.backup_id, created_at = excluded.created_at`,
    [request.keyDigest, request.method, request.trigger, backupId],
  );
  await client.query(
    `DELETE FROM ${requestsTable(schema)} WHERE created_at < clock_timestamp() - interval '24 hours'`,
  );
}

function requestsTable(schema: string): string {
  return qualifiedName({ schema, name: 'backup_requests' });
}
