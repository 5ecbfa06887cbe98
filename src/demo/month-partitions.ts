import type { Timeline } from './timeline.ts';

/** One partition of `activity_log` for each month of the history, and the next one, which is still empty. */
export function monthPartitionsSql(timeline: Timeline): string {
  const first = new Date(timeline.startUs / 1000);
  const last = new Date(timeline.nowUs / 1000);
  const months =
    (last.getUTCFullYear() - first.getUTCFullYear()) * 12 + last.getUTCMonth() - first.getUTCMonth();
  const monthStart = (offset: number) =>
    new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + offset)).toISOString().slice(0, 10);
  return Array.from({ length: months + 2 }, (_, offset) => {
    const name = `activity_log_${monthStart(offset).slice(0, 7).replace('-', '_')}`;
    return `CREATE TABLE public.${name} PARTITION OF public.activity_log
      FOR VALUES FROM ('${monthStart(offset)} 00:00:00+00') TO ('${monthStart(offset + 1)} 00:00:00+00');`;
  }).join('\n');
}
