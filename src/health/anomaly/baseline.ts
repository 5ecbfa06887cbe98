import type { Measured, PastBackup } from './history.ts';
import type { AnomalyPolicy } from './policy.ts';
import { median } from './statistics.ts';

const dayMs = 86_400_000;

/**
 * The earlier backups that say what is usual, oldest first: good ones of the candidate's kind, without those that were
 * unusual themselves, and none from before the present level was accepted.
 */
export function baselineOf(
  candidate: Measured,
  history: readonly PastBackup[],
  policy: AnomalyPolicy,
): PastBackup[] {
  const takenMs = Date.parse(candidate.snapshotAt);
  const alike = history
    .filter((past) => past.kind === candidate.kind && past.id !== candidate.id && past.good)
    .filter((past) => Date.parse(past.snapshotAt) < takenMs)
    .sort((a, b) => a.snapshotAt.localeCompare(b.snapshotAt));
  const { start, end } = presentLevel(alike, policy);
  const usual = alike.filter((past, index) => index >= start && (index < end || !isFlagged(past)));
  const recent = usual.filter((past) => takenMs - Date.parse(past.snapshotAt) <= policy.windowDays * dayMs);
  // After a long pause the last one is still the best to compare with.
  return recent.length > 0 ? recent.slice(-policy.window) : usual.slice(-1);
}

function isFlagged(past: PastBackup): boolean {
  return !past.accepted && (past.verdict === 'warning' || past.verdict === 'quarantine');
}

/**
 * Where the present level begins, and up to where its first backups count although they were called unusual: at the
 * last one that a person accepted, or at the last run of unusual ones that are alike.
 */
function presentLevel(alike: readonly PastBackup[], policy: AnomalyPolicy): { start: number; end: number } {
  const length = policy.newLevelAfter;
  for (let index = alike.length - 1; index >= 0; index -= 1) {
    if (alike[index]!.accepted) return { start: index, end: index + 1 };
    const run = alike.slice(index, index + length);
    if (run.length === length && run.every(isFlagged) && isOneLevel(run, policy)) {
      return { start: index, end: index + length };
    }
  }
  return { start: 0, end: 0 };
}

function isOneLevel(run: readonly PastBackup[], policy: AnomalyPolicy): boolean {
  const series: [(past: PastBackup) => number, number][] = [
    [(past) => past.sizeBytes, policy.minBytes],
    [(past) => past.rawBytes, policy.minBytes],
    [(past) => past.rows, policy.minRows],
  ];
  return series.every(([of, least]) => {
    const middle = median(run.map(of));
    const width = Math.max(policy.newLevelWithin * middle, least);
    return run.every((past) => Math.abs(of(past) - middle) <= width);
  });
}
