import { ConfigError } from '../lib/errors.ts';
import { Refused } from './refused.ts';

/** No answer of this endpoint belongs in a cache: they hold customers' data, or the state of a moment. */
export const plainHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { ...plainHeaders, 'content-type': 'application/json; charset=utf-8', ...headers },
  });
}

/** What the caller is told about an error; the reason itself is for the log, except where the caller can mend it. */
export function errorAnswer(error: unknown): Response {
  if (error instanceof Refused) {
    const field = error.field === null ? {} : { field: error.field };
    return json(
      error.status,
      { success: false, error: error.code, message: error.message, ...field, ...error.details },
      error.headers,
    );
  }
  if (error instanceof ConfigError) {
    const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
    return json(500, { success: false, error: 'misconfigured', message });
  }
  if (isOutage(error)) {
    const message = 'The database could not be reached, or went away. What was not finished was not done.';
    return json(
      503,
      { success: false, error: 'database_unavailable', message },
      { 'retry-after': String(retryAfterSeconds) },
    );
  }
  const message = 'It did not work, and nothing was changed. The reason is in the audit log.';
  return json(500, { success: false, error: 'failed', message });
}

const retryAfterSeconds = 5;

/** PostgreSQL's code of an error; null for anything that did not come from the server. */
export function sqlState(error: unknown): string | null {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** Connection trouble, too many connections, shutdown: a later try may well succeed. */
export function isOutage(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return /^(08|53|57P)/.test(state);
  const { code, message } = (error ?? {}) as { code?: string; message?: string };
  if (/^E(CONN|PIPE|TIMEDOUT|HOST|NET|AI_AGAIN)|^ENOTFOUND/.test(code ?? '')) return true;
  return /^Connection terminated|timeout exceeded when trying to connect|pool after calling end|not queryable/.test(
    message ?? '',
  );
}

/** An error in one line, for the audit log: with PostgreSQL's code and detail, without a stack. */
export function reasonOf(error: unknown): string {
  const { message, detail } = (error ?? {}) as { message?: string; detail?: string };
  const state = sqlState(error);
  const parts = [state === null ? null : `[${state}]`, message ?? String(error), detail ?? null];
  return parts
    .filter((part) => part !== null)
    .join(' ')
    .replace(/\s+/g, ' ')
    .slice(0, 1000);
}
