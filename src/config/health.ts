import { z } from 'zod';
import { duration, unitsMs } from './duration.ts';

/** `health:` in `holdfast.yml`: thresholds of the verdict, as the policy's fields; undefined where none is given. */
export const healthSchema = z
  .strictObject({
    'late-after': duration.optional(),
    'critical-after': duration.optional(),
    'restore-test-after': duration.optional(),
    'verify-after': duration.optional(),
  })
  .transform((health) => {
    const hours = (ms: number | undefined) => (ms === undefined ? undefined : ms / unitsMs['h']!);
    const days = (ms: number | undefined) => (ms === undefined ? undefined : ms / unitsMs['d']!);
    return {
      lateAfterHours: hours(health['late-after']),
      criticalAfterHours: hours(health['critical-after']),
      restoreTestAfterDays: days(health['restore-test-after']),
      verifyAfterDays: days(health['verify-after']),
    };
  });
