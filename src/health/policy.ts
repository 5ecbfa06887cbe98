import { z } from 'zod';
import { databaseName } from '../ledger/words.ts';

const positive = z.number().positive();

/** Hours and days are of elapsed time, not calendar days. */
const thresholds = {
  /** Newest good backup's snapshot older than this: Warning. */
  lateAfterHours: positive.default(20),
  /** Newest good backup's snapshot older than this: Critical. The mission's 24 hours. */
  criticalAfterHours: positive.default(24),
  /** Newest restore test older than this: Warning. A monthly schedule plus a few days of GitHub's delays. */
  restoreTestAfterDays: positive.default(35),
  /** Newest verification older than this: Warning. A weekly schedule plus a day. */
  verifyAfterDays: positive.default(8),
};
const thresholdsSchema = z.strictObject(thresholds);
export type Thresholds = z.infer<typeof thresholdsSchema>;

/** Every threshold of a health verdict. */
export const policySchema = z.strictObject({
  ...thresholds,
  /** Thresholds of single databases, where they differ. */
  databases: z.record(databaseName, thresholdsSchema).optional(),
});
export type Policy = z.infer<typeof policySchema>;

/**
 * The policy with the thresholds that single databases have of their own.
 *
 * @param overrides by database; what is undefined stays as it is for all
 */
export function withOverrides(
  policy: Policy,
  overrides: Readonly<Record<string, { [T in keyof Thresholds]?: Thresholds[T] | undefined } | undefined>>,
): Policy {
  const { databases: _, ...common } = policy;
  const databases: Record<string, Thresholds> = {};
  for (const [database, own] of Object.entries(overrides)) {
    const given = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
    if (given.length > 0) databases[database] = { ...common, ...Object.fromEntries(given) };
  }
  return Object.keys(databases).length > 0 ? { ...common, databases } : common;
}
