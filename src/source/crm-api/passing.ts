import { setTimeout as delay } from 'node:timers/promises';
import { interrupted } from '../../ledger/attempt.ts';
import { SourceError } from '../../lib/errors.ts';

/** Trouble that may pass: the same request is worth another try. */
export class Passing extends Error {
  /** What to throw when it does not pass. */
  readonly reason: SourceError;
  /** What the server asked for; null: nothing. */
  readonly pauseMs: number | null;

  constructor(reason: SourceError, pauseMs: number | null = null) {
    super(reason.message);
    this.reason = reason;
    this.pauseMs = pauseMs;
  }
}

export interface Patience {
  tries: number;
  firstPauseMs: number;
  /** A server that asks for a longer pause is not waited for. */
  longestPauseMs: number;
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

/** Waits 2, 4, 8 and 16 seconds, half a minute in all: what a restart of the CRM takes. */
export const patience: Patience = {
  tries: 5,
  firstPauseMs: 2000,
  longestPauseMs: 120_000,
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/**
 * @param work is given how often it was tried, this time included
 * @throws what the last try threw, with the number of tries; SourceError when interrupted
 */
export async function withPatience<T>(
  { tries, firstPauseMs, longestPauseMs, sleep }: Patience,
  signal: AbortSignal,
  work: (tried: number) => Promise<T>,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    if (signal.aborted) throw interrupted();
    try {
      return await work(tried);
    } catch (error) {
      if (signal.aborted) throw interrupted();
      if (!(error instanceof Passing)) throw error;
      const pauseMs = error.pauseMs ?? firstPauseMs * 2 ** (tried - 1);
      if (tried >= tries || pauseMs > longestPauseMs) throw afterTries(error.reason, tried);
      await sleep(pauseMs, signal).catch((reason) => {
        throw signal.aborted ? interrupted() : reason;
      });
    }
  }
}

/** The ledger has the tries of an attempt that failed in its reason. */
function afterTries(reason: SourceError, tried: number): SourceError {
  if (tried === 1) return reason;
  const { message, hint, publicReason, cause } = reason;
  return new SourceError(`${message} It was tried ${tried} times.`, {
    hint: hint!,
    publicReason: `${publicReason} (tried ${tried} times)`,
    cause,
  });
}

/** Milliseconds that a Retry-After asks for, in seconds or as a date; null without one. */
export function retryAfterMs(headers: Headers, nowMs: number): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
