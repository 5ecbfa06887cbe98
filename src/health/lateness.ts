import type { LedgerRecord } from '../ledger/record.ts';

/** How late the scheduler starts what it is meant to start: GitHub's schedules are best effort, sometimes by hours. */
export interface Lateness {
  /** Oldest first. */
  runs: { at: string; lateMs: number }[];
  medianMs: number;
  worstMs: number;
}

/** Intended times that are looked at for the rhythm of a schedule. */
const rhythmRuns = 8;

/**
 * Null when no backup attempt since `fromMs` says when it was meant to start. A run that GitHub dropped left no record
 * and is not among these: it shows as the age of the newest backup.
 *
 * @param records of one database, in any order
 */
export function latenessOf(records: readonly LedgerRecord[], fromMs: number): Lateness | null {
  const runs = scheduled(records)
    .filter(({ atMs }) => atMs >= fromMs)
    .map(({ atMs, startedMs }) => ({
      at: new Date(atMs).toISOString(),
      lateMs: Math.max(0, startedMs - atMs),
    }));
  if (runs.length === 0) return null;
  const lates = runs.map((run) => run.lateMs).sort((a, b) => a - b);
  return { runs, medianMs: median(lates), worstMs: lates.at(-1)! };
}

/**
 * When the schedule should next start a backup, judged by the rhythm of its last intended times; null when fewer than
 * three are known. It may have passed already: that is then worth seeing.
 */
export function nextRunDue(records: readonly LedgerRecord[]): string | null {
  const times = [...new Set(scheduled(records).map(({ atMs }) => atMs))].slice(-rhythmRuns);
  if (times.length < 3) return null;
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  return new Date(times.at(-1)! + median(gaps.sort((a, b) => a - b))).toISOString();
}

function scheduled(records: readonly LedgerRecord[]): { atMs: number; startedMs: number }[] {
  return records
    .flatMap(({ verb, intendedAt, startedAt }) =>
      verb === 'backup' && intendedAt !== null
        ? [{ atMs: Date.parse(intendedAt), startedMs: Date.parse(startedAt) }]
        : [],
    )
    .sort((a, b) => a.atMs - b.atMs);
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
