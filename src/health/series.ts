import type { Anomaly, LedgerRecord } from '../ledger/record.ts';
import { baselineOf } from './anomaly/baseline.ts';
import { type Measured, type PastBackup, historyOf as pastOf } from './anomaly/history.ts';
import type { AnomalyPolicy } from './anomaly/policy.ts';
import { judgeTotals } from './anomaly/totals.ts';

/** Sizes and durations over time, with the range in which a size would have been called usual. */
export interface Series {
  /** Oldest first; regular backups, also those that retention has removed since. */
  points: {
    id: string;
    at: string;
    sizeBytes: number;
    rows: number;
    durationMs: number;
    verdict: Anomaly['verdict'] | null;
  }[];
  /** What was expected of the size; `high` null: no upper end. Empty while there was nothing to compare with. */
  band: { at: string; lowBytes: number; highBytes: number | null }[];
}

/** More would not be told apart on a screen. */
const bandPoints = 45;
/** Beyond what a baseline can reach, so that years of history cost no more than months. */
const reach = 200;

/**
 * @param records of one database, in any order
 * @param now milliseconds since the epoch; nothing dated later is believed
 * @param limits.fromMs where the series begins
 * @param limits.count the newest so many
 */
export function seriesOf(
  records: readonly LedgerRecord[],
  database: string,
  policy: AnomalyPolicy,
  now: number,
  limits: { fromMs: number; count: number },
): Series {
  const past = pastOf(records, database, now);
  const first = past.findIndex((each) => Date.parse(each.snapshotAt) >= limits.fromMs);
  const from = first === -1 ? past.length : Math.max(first, past.length - limits.count);
  const shown = past.slice(from);
  const step = Math.max(1, Math.ceil(shown.length / bandPoints));
  const band = shown.flatMap((each, index) => {
    // Counted from the end, so that the newest is always among them.
    if ((shown.length - 1 - index) % step !== 0) return [];
    const at = from + index;
    return expectedSize(each, past.slice(Math.max(0, at - reach), at), policy);
  });
  const points = shown.map(({ id, snapshotAt: at, sizeBytes, rows, durationMs, verdict }) => {
    return { id, at, sizeBytes, rows, durationMs, verdict };
  });
  return { points, band };
}

/** Asks the rule itself: what it says of an impossible size names the range of the possible ones. */
function expectedSize(backup: Measured, before: readonly PastBackup[], policy: AnomalyPolicy) {
  const impossible = { ...backup, sizeBytes: Number.MAX_SAFE_INTEGER };
  const findings = judgeTotals(impossible, baselineOf(backup, before, policy), policy);
  const expected = findings.find((finding) => finding.series === 'sizeBytes')?.expected;
  return expected ? [{ at: backup.snapshotAt, lowBytes: expected[0], highBytes: expected[1] }] : [];
}
