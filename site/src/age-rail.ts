import type { Thresholds } from '../../src/health/policy.ts';

/** Geometry of the line that shows a backup's age against its deadlines; shared with the reader's browser. */

const hourMs = 3_600_000;

/** Positions along the line in percent; the end of the line is a quarter beyond the last deadline. */
export function railPositions(ageMs: number, policy: Thresholds) {
  const length = policy.criticalAfterHours * 1.25;
  const percent = (hours: number) => `${Math.min(100, Math.max(0, (hours / length) * 100)).toFixed(2)}%`;
  return {
    age: percent(ageMs / hourMs),
    late: percent(policy.lateAfterHours),
    critical: percent(policy.criticalAfterHours),
  };
}
