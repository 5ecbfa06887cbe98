import { StoreError } from '../lib/errors.ts';
import { type Outside, post } from './post.ts';

/**
 * The dead-man's switch, by the convention of healthchecks.io: the address itself means success, `/start` and `/fail` are
 * added to its path, and `rid` ties the pings of one run together. https://healthchecks.io/docs/http_api/
 */

export type Ping = 'start' | 'success' | 'fail' | 'log';

/**
 * @param runId a UUID; null: none
 * @throws ConfigError or StoreError without the address
 */
export async function ping(
  address: string,
  kind: Ping,
  runId: string | null,
  outside: Outside = {},
): Promise<void> {
  const message = { body: '', contentType: 'text/plain' };
  const answer = await post('the heartbeat', pingAddress(address, kind, runId), message, outside);
  // For a check that does not exist healthchecks.io says 200 too.
  const [, trouble] = /^OK \((not found|rate limited)\)/.exec(answer) ?? [];
  if (trouble === undefined) return;
  const why = trouble === 'not found' ? 'there is no such check' : 'it has had too many messages';
  throw new StoreError(`The heartbeat could not be told: ${why}.`, {
    hint: 'Backups are not affected. Check the secret behind its address.',
    publicReason: `the heartbeat could not be told: ${why}`,
  });
}

/** Text that is no URL comes back as it is, for whoever sends to refuse. */
function pingAddress(address: string, kind: Ping, runId: string | null): string {
  if (!URL.canParse(address.trim())) return address;
  const url = new URL(address.trim());
  if (kind !== 'success') url.pathname = `${url.pathname.replace(/\/+$/, '')}/${kind}`;
  if (runId !== null) url.searchParams.set('rid', runId);
  return url.href;
}

/** A random UUID (version 4), which healthchecks.io asks for. */
export function runIdOf(random: Uint8Array): string {
  const bytes = Buffer.from(random).subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [0, 8, 12, 16, 20].map((from, index, at) => hex.slice(from, at[index + 1] ?? 32)).join('-');
}
