import type { AnomalyFinding } from '../../ledger/record.ts';
import type { Measured, PastBackup } from './history.ts';
import type { AnomalyPolicy } from './policy.ts';
import { median, scatter } from './statistics.ts';

/** A number of the whole backup that is watched. */
interface Series {
  name: AnomalyFinding['series'];
  /** Null where it means nothing. */
  of(backup: Measured): number | null;
  /** Parts of the median by which it may fall and rise, once usual is known and before. */
  falls: [known: number, cold: number];
  rises: [known: number, cold: number];
  /** A smaller change never matters. */
  least: number;
  /** Whether losing much of it is a reason for quarantine. */
  isContent: boolean;
}

function seriesOf(policy: AnomalyPolicy): Series[] {
  const total = {
    falls: [policy.shrink, policy.coldShrink] as [number, number],
    rises: [policy.growth, policy.coldGrowth] as [number, number],
    isContent: true,
  };
  // What is made of few rows or bytes moves with each of them. In a cold start a ratio says too little.
  const ratio = {
    falls: [policy.ratioChange, Number.POSITIVE_INFINITY] as [number, number],
    rises: [policy.ratioChange, Number.POSITIVE_INFINITY] as [number, number],
    least: 0,
    isContent: false,
  };
  const isLarge = (backup: Measured) => backup.rows >= 10 * policy.minRows && backup.rawBytes >= 2 ** 20;
  return [
    { name: 'sizeBytes', of: (backup) => backup.sizeBytes, least: policy.minBytes, ...total },
    { name: 'rawBytes', of: (backup) => backup.rawBytes, least: policy.minBytes, ...total },
    { name: 'rows', of: (backup) => backup.rows, least: policy.minRows, ...total },
    {
      name: 'bytesPerRow',
      of: (backup) => (isLarge(backup) ? backup.rawBytes / backup.rows : null),
      ...ratio,
    },
    {
      name: 'storedRatio',
      of: (backup) => (isLarge(backup) ? backup.sizeBytes / backup.rawBytes : null),
      ...ratio,
    },
  ];
}

/** Findings on totals; `baseline` oldest first. */
export function judgeTotals(
  candidate: Measured,
  baseline: readonly PastBackup[],
  policy: AnomalyPolicy,
): AnomalyFinding[] {
  return seriesOf(policy).flatMap((series) => {
    const value = series.of(candidate);
    const past = baseline.map(series.of).filter((each) => each !== null);
    return value === null || past.length === 0 ? [] : judgeSeries(series, value, past, policy);
  });
}

function judgeSeries(series: Series, value: number, past: readonly number[], policy: AnomalyPolicy) {
  const n = past.length;
  const isCold = n < policy.coldStart;
  const middle = isCold ? past.at(-1)! : median(past);
  const scale = isCold ? 0 : scaleOf(past, series.least);
  const [fall, rise] = isCold ? [series.falls[1], series.rises[1]] : [series.falls[0], series.rises[0]];
  const width = (part: number) => Math.max(policy.z * scale, part * middle, series.least);
  const expected: [number, number] = [Math.max(0, middle - width(fall)), middle + width(rise)];
  const halved =
    series.isContent &&
    middle - value >= series.least &&
    isFarBelow(value, middle, past, policy.quarantineShrink);
  if (!halved && value >= expected[0] && value <= expected[1]) return [];
  const finding: AnomalyFinding = {
    series: series.name,
    rule: halved ? 'shrink' : isCold ? 'cold-start' : 'statistics',
    severity: halved ? 'quarantine' : 'warning',
    value: tidy(value),
    median: tidy(middle),
    expected: [tidy(expected[0]), tidy(expected[1])],
    z: isCold ? null : Math.round(((value - middle) / scale) * 10) / 10,
    n,
    tables: null,
  };
  return [finding];
}

/** Digits beyond these say nothing, and the ledger keeps them for ever. */
function tidy(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

/** The usual scatter; never less than 2 % of the median or a quarter of what matters, so that a still series is not jumpy. */
export function scaleOf(past: readonly number[], least: number): number {
  return Math.max(scatter(past), 0.02 * median(past), least / 4, Number.EPSILON);
}

/** Whether that part of the usual is lost, and it was never nearly as low before. */
export function isFarBelow(value: number, middle: number, past: readonly number[], part: number): boolean {
  return value <= (1 - part) * middle && value < 0.9 * Math.min(...past);
}

/** Longer than usual is worth a note and no more: runners differ by as much. */
export function judgeDuration(
  candidate: Measured,
  baseline: readonly PastBackup[],
  policy: AnomalyPolicy,
): AnomalyFinding[] {
  if (baseline.length < policy.coldStart) return [];
  const past = baseline.map((each) => each.durationMs);
  const middle = median(past);
  const most = Math.max(policy.durationFactor * middle, middle + policy.durationMinutes * 60_000);
  if (candidate.durationMs <= most) return [];
  return [
    {
      series: 'durationMs',
      rule: 'statistics',
      severity: 'info',
      value: candidate.durationMs,
      median: middle,
      expected: [0, most],
      z: null,
      n: past.length,
      tables: null,
    },
  ];
}
