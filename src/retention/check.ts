import type { StoreCapabilities } from '../store/store.ts';
import type { RetentionPolicy } from './policy.ts';

/**
 * What a policy asks for that a store which deletes by itself can't give; null when it can. For the configuration, so
 * that it is said before the first backup and not when one is missing.
 */
export function checkRetention(
  policy: RetentionPolicy,
  { maxRetentionDays }: Pick<StoreCapabilities, 'maxRetentionDays'>,
): string | null {
  if (maxRetentionDays === null) return null;
  const asked = [
    { rule: 'keep-days', value: policy.keepDays, days: policy.keepDays },
    { rule: 'keep-daily', value: policy.keepDaily, days: policy.keepDaily },
    { rule: 'keep-weekly', value: policy.keepWeekly, days: policy.keepWeekly * 7 },
    { rule: 'keep-monthly', value: policy.keepMonthly, days: policy.keepMonthly * 31 },
    { rule: 'keep-yearly', value: policy.keepYearly, days: policy.keepYearly * 366 },
  ].filter(({ days }) => days > maxRetentionDays);
  if (asked.length === 0) return null;
  const rules = asked.map(({ rule, value }) => `${rule}: ${value}`).join(', ');
  return `${rules} can't be kept: the store itself deletes after ${maxRetentionDays} days.`;
}
