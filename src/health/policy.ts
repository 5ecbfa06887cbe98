import { z } from 'zod';

const positive = z.number().positive();

/** Every threshold of a health verdict. Hours and days are of elapsed time, not calendar days. */
export const policySchema = z.strictObject({
  /** Newest good backup's snapshot older than this: Warning. */
  lateAfterHours: positive.default(20),
  /** Newest good backup's snapshot older than this: Critical. The mission's 24 hours. */
  criticalAfterHours: positive.default(24),
  /** Newest restore test older than this: Warning. A monthly schedule plus a few days of GitHub's delays. */
  restoreTestAfterDays: positive.default(35),
  /** Newest verification older than this: Warning. A weekly schedule plus a day. */
  verifyAfterDays: positive.default(8),
});

export type Policy = z.infer<typeof policySchema>;
