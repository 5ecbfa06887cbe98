import { errorAnswer } from './answer.ts';
import { isSameSecret, minimumKeyLength } from './authenticate.ts';
import type { BackupEndpoint, Handler } from './endpoint.ts';
import { Refused } from './refused.ts';

/**
 * A GET handler for schedulers that can send nothing else, such as Vercel Cron: checks `Authorization: Bearer`, and asks
 * the endpoint for a scheduled backup. Called twice in the same hour, it makes one; a failed one is tried again.
 *
 * Not the endpoint's own GET, which reads: a link, a prefetch or a crawler must never make a backup.
 *
 * @param apiKey one of the endpoint's
 * @param cronSecret at least 16 characters; without one every call is refused
 * @param now milliseconds
 */
export function createCronRoute(options: {
  endpoint: Pick<BackupEndpoint, 'handle'>;
  apiKey: string | undefined;
  cronSecret: string | undefined;
  path?: string;
  now?: () => number;
}): Handler {
  const { endpoint, apiKey = '', cronSecret = '', path = '/api/admin/backup', now = Date.now } = options;
  return async (request) => {
    const given = request.headers.get('authorization') ?? '';
    if (cronSecret.length < minimumKeyLength || !isSameSecret(given, `Bearer ${cronSecret}`)) {
      return errorAnswer(new Refused(401, 'unauthorized', 'The Authorization header is missing or wrong.'));
    }
    const hour = new Date(now()).toISOString().slice(0, 13);
    const headers = new Headers(request.headers);
    headers.set('x-api-key', apiKey);
    headers.set('idempotency-key', `cron-route-${hour}`);
    for (const name of ['authorization', 'content-length']) headers.delete(name);
    const body = JSON.stringify({ trigger: 'scheduled' });
    return await endpoint.handle(new Request(new URL(path, request.url), { method: 'PATCH', headers, body }));
  };
}
