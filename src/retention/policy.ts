import { z } from 'zod';

const many = z.int().min(0);

/** Which backups to keep. A backup that any rule keeps is kept. */
export const retentionPolicySchema = z.strictObject({
  /** The newest so many. */
  keepLast: many.default(20),
  /** All that are younger than so many days. */
  keepDays: many.default(30),
  /** The newest of each of the last so many days (UTC) that have one. */
  keepDaily: many.default(0),
  keepWeekly: many.default(0),
  keepMonthly: many.default(0),
  keepYearly: many.default(0),
  /** Never fewer than so many good backups that were proved readable. */
  keepVerified: many.default(3),
});

export type RetentionPolicy = z.infer<typeof retentionPolicySchema>;
