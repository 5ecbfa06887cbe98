/** Days, weeks, months and years are UTC, so that a plan is the same wherever it is made; weeks begin on Monday. */

export type Period = 'day' | 'week' | 'month' | 'year';

const dayMs = 86_400_000;

/**
 * The newest backup of each of the last so many periods that have one.
 *
 * @param newestFirst ISO snapshot times, newest first
 */
export function newestOfPeriods<T extends { snapshotAt: string }>(
  newestFirst: readonly T[],
  period: Period,
  periods: number,
): T[] {
  const newest = new Map<string, T>();
  for (const backup of newestFirst) {
    const name = nameOf(period, backup.snapshotAt);
    if (!newest.has(name)) newest.set(name, backup);
  }
  return [...newest.values()].slice(0, periods);
}

function nameOf(period: Period, snapshotAt: string): string {
  if (period === 'year') return snapshotAt.slice(0, 4);
  if (period === 'month') return snapshotAt.slice(0, 7);
  if (period === 'day') return snapshotAt.slice(0, 10);
  const days = Math.floor(Date.parse(snapshotAt) / dayMs);
  // The epoch was a Thursday: three days after its Monday.
  return String(Math.floor((days + 3) / 7));
}
