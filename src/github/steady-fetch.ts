import { setTimeout as delay } from 'node:timers/promises';

/**
 * `fetch` that ends, and that gives whole answers: a limit of time for each try, the body read to its end before
 * anyone sees it, and patience with what passes. octokit's own retry and throttling plugins stay off, because they
 * wait by timers of their own, shared by all clients of the process, repeat what must not be repeated (409, and a
 * POST of which nobody knows whether it took effect), and hand out a body that was cut off as an empty answer.
 */

export interface SteadyOptions {
  fetch: typeof fetch;
  sleep(ms: number): Promise<unknown>;
  now(): number;
  /** For one try, body included. */
  timeoutMs: number;
  /** Tries in all. */
  tries: number;
  /** A server that asks for a longer pause than this is not waited for. */
  longestPauseMs: number;
}

export const steadyDefaults: SteadyOptions = {
  fetch: (input, init) => fetch(input, init),
  sleep: (ms) => delay(ms),
  now: Date.now,
  timeoutMs: 60_000,
  tries: 5,
  longestPauseMs: 120_000,
};

/** Marks a POST that may be sent twice, such as one of an object that is named by its content. */
export const repeatable = { 'x-holdfast-repeatable': 'yes' } as const;

export function steadyFetch(options: SteadyOptions): typeof fetch {
  return async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const isRepeatable = init.method !== 'POST' || headers.has('x-holdfast-repeatable');
    headers.delete('x-holdfast-repeatable');
    for (let tried = 1; ; tried += 1) {
      const isLast = tried >= options.tries;
      let pauseMs = 1000 * 2 ** (tried - 1);
      try {
        const response = await once(options, input, { ...init, headers });
        const limit = rateLimitOf(response.headers, response.status, await readable(response), options.now());
        const mayPass = limit !== null || (isRepeatable && response.status >= 500);
        if (!mayPass || isLast) return response;
        if (limit !== null) pauseMs = Math.max(limit.pauseMs ?? pauseMs * 10, 1);
        if (pauseMs > options.longestPauseMs) return response;
      } catch (error) {
        if (isLast || !isRepeatable || init.signal?.aborted || error instanceof TooLarge) throw error;
      }
      await options.sleep(pauseMs);
    }
  };
}

/** One try, with its whole body. */
async function once(
  { fetch, timeoutMs }: SteadyOptions,
  input: Parameters<typeof fetch>[0],
  init: RequestInit,
) {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  try {
    const response = await fetch(input, { ...init, signal });
    const body = await wholeBody(response);
    const { status, statusText, headers } = response;
    const isBodiless = status === 204 || status === 205 || status === 304;
    const whole = new Response(isBodiless ? null : body, { status, statusText, headers });
    // octokit finds the next page by it.
    return Object.defineProperty(whole, 'url', { value: response.url });
  } catch (error) {
    // octokit shows the cause of a TypeError, and takes an AbortError for something else.
    if (timeout.aborted)
      throw new TypeError('no answer', { cause: new Error(`no answer in ${timeoutMs / 1000} s`) });
    throw error;
  }
}

/** A blob, of which GitHub gives at most 100 MB, is a third larger in base64; all other answers are far smaller. */
const mostBytes = 150 << 20;

class TooLarge extends TypeError {}

async function wholeBody(response: Response): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of response.body ?? []) {
    sizeBytes += part.length;
    if (sizeBytes > mostBytes)
      throw new TooLarge('no answer', { cause: new Error('an answer without an end') });
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The words of a refusal, without taking them from who reads the response. */
function readable(response: Response): Promise<string> {
  return response.status === 403 ? response.clone().text() : Promise.resolve('');
}

/** What an answer says of a limit on requests; null when it is no such answer. */
export function rateLimitOf(
  headers: { get(name: string): string | null },
  status: number,
  body: string,
  nowMs: number,
): { pauseMs: number | null } | null {
  const isExhausted = headers.get('x-ratelimit-remaining') === '0';
  const retryAfter = headers.get('retry-after');
  const isLimit =
    status === 429 || (status === 403 && (isExhausted || retryAfter !== null || /rate limit/i.test(body)));
  if (!isLimit) return null;
  if (retryAfter !== null && /^\d+$/.test(retryAfter)) return { pauseMs: Number(retryAfter) * 1000 };
  const resetAt = Number(headers.get('x-ratelimit-reset')) * 1000;
  // One second more, because the moment of the reset is rounded down.
  if (isExhausted && resetAt > 0) return { pauseMs: Math.max(resetAt - nowMs, 0) + 1000 };
  return { pauseMs: null };
}
