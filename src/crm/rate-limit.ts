import { Refused } from './refused.ts';

/**
 * How many requests a key may make: a bucket per key that fills at a steady rate. It lives in this process's memory,
 * as it guards this process; how many backups are made is the database's to decide (`rules.ts`).
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  readonly #buckets = new Map<number, { tokens: number; atMs: number }>();

  /** @param now milliseconds */
  constructor(perMinute: number, now: () => number) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** @throws Refused 429 with Retry-After when the key has used up its requests */
  take(key: number): void {
    const nowMs = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: this.#perMinute, atMs: nowMs };
    const passedMs = Math.max(0, nowMs - bucket.atMs);
    const tokens = Math.min(this.#perMinute, bucket.tokens + (passedMs * this.#perMinute) / 60_000);
    const isAllowed = tokens >= 1;
    this.#buckets.set(key, { tokens: isAllowed ? tokens - 1 : tokens, atMs: nowMs });
    if (isAllowed) return;
    const waitSeconds = Math.ceil(((1 - tokens) * 60) / this.#perMinute);
    throw new Refused(
      429,
      'too_many_requests',
      `At most ${this.#perMinute} requests a minute; try again in ${waitSeconds} s.`,
      {
        headers: { 'retry-after': String(waitSeconds) },
      },
    );
  }
}
