import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for as long as these bytes have to take. */
export type Pace = (sizeBytes: number) => Promise<void>;

/** Waits shorter than this are added to the next: timers are no finer, and each costs. */
const shortestMs = 20;

/**
 * Keeps what passes, over all connections together, to so much in a second. Who waits does not read, and then the server
 * does not send.
 *
 * @param bytesPerSecond null: as fast as it goes
 * @param clock counts milliseconds and never jumps
 */
export function paceOf(
  bytesPerSecond: number | null,
  clock: { now(): number; sleep(ms: number): Promise<unknown> } = { now: () => performance.now(), sleep },
): Pace {
  if (bytesPerSecond === null) return async () => {};
  let dueMs = Number.NEGATIVE_INFINITY;
  return async (sizeBytes) => {
    // Time that was not used is not made up for later.
    dueMs = Math.max(dueMs, clock.now()) + (1000 * sizeBytes) / bytesPerSecond;
    const waitMs = dueMs - clock.now();
    if (waitMs >= shortestMs) await clock.sleep(waitMs);
  };
}
