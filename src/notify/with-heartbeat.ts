import type { Address } from './addresses.ts';
import { type Ping, ping, runIdOf } from './heartbeat.ts';
import type { Outside } from './post.ts';
import { type AlertDeps, recordAlert } from './record-alert.ts';

export interface HeartbeatOptions<T> {
  database: string;
  /** Null: there is no heartbeat. */
  address: Address | null;
  /** Whether the result counts; else `fail` is sent, and the work has succeeded all the same. */
  isGood(result: T): boolean;
  outside?: Outside;
}

/**
 * Does the work with a heartbeat around it: `start`, then `success` or `fail`. The work neither waits for the first ping nor
 * fails with any.
 *
 * @throws what the work throws
 */
export async function withHeartbeat<T>(
  deps: AlertDeps,
  { database, address, isGood, outside = {} }: HeartbeatOptions<T>,
  work: () => Promise<T>,
): Promise<T> {
  if (address === null) return work();
  const runId = runIdOf(deps.randomBytes(16));
  const send = (event: Exclude<Ping, 'log'>) => {
    const alert = { channel: 'heartbeat' as const, event, state: null, url: null };
    return recordAlert(deps, { database, ...alert }, async () => {
      await ping(address(), event, runId, outside);
      return alert;
    });
  };
  const starting = send('start');
  try {
    const result = await work();
    await starting;
    await send(isGood(result) ? 'success' : 'fail');
    return result;
  } catch (error) {
    await starting;
    await send('fail');
    throw error;
  }
}
