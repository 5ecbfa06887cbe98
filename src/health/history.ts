import type { HealthState } from './evaluate.ts';
import type { Stretch } from './timeline.ts';

/** The last days as one state each, for a bar that is scaled by time: a day without data has its place, and says so. */

const dayMs = 86_400_000;
const gravity = { good: 0, warning: 1, critical: 2 };

export interface History {
  /** The first day, `2026-08-25` (UTC). */
  firstDay: string;
  /** One per day, oldest first, the day of `now` last: the worst state that held in it; null when nothing was known. */
  days: (HealthState | null)[];
  /** Milliseconds spent in each state, of those in which anything was known. */
  spentMs: Record<HealthState, number>;
}

/**
 * @param stretches of one database, in time
 * @param now milliseconds since the epoch
 * @param count of days, that of `now` among them
 */
export function historyOf(stretches: readonly Stretch[], now: number, count: number): History {
  const today = Math.floor(now / dayMs);
  const firstMs = (today - count + 1) * dayMs;
  const days: History['days'] = Array.from({ length: count }, () => null);
  const spentMs = { good: 0, warning: 0, critical: 0 };
  for (const { fromMs, toMs, state } of stretches) {
    const startMs = Math.max(fromMs, firstMs);
    if (toMs <= startMs) continue;
    spentMs[state] += toMs - startMs;
    const last = Math.min(count - 1, Math.floor((toMs - 1 - firstMs) / dayMs));
    for (let day = Math.floor((startMs - firstMs) / dayMs); day <= last; day += 1) {
      days[day] = worse(days[day] ?? null, state);
    }
  }
  return { firstDay: new Date(firstMs).toISOString().slice(0, 10), days, spentMs };
}

function worse(a: HealthState | null, b: HealthState): HealthState {
  return a !== null && gravity[a] >= gravity[b] ? a : b;
}
