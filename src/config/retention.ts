import { z } from 'zod';
import { type RetentionPolicy, retentionPolicySchema } from '../retention/policy.ts';

const many = z.int().min(0).max(10_000);

/** `retention:` in `holdfast.yml`; the defaults and the meaning are those of `retention/policy.ts`. */
export const retentionSchema = z
  .strictObject({
    'keep-last': many.optional(),
    'keep-days': many.optional(),
    'keep-daily': many.optional(),
    'keep-weekly': many.optional(),
    'keep-monthly': many.optional(),
    'keep-yearly': many.optional(),
    'keep-verified': many.optional(),
  })
  .transform(
    (rules): RetentionPolicy =>
      retentionPolicySchema.parse({
        keepLast: rules['keep-last'],
        keepDays: rules['keep-days'],
        keepDaily: rules['keep-daily'],
        keepWeekly: rules['keep-weekly'],
        keepMonthly: rules['keep-monthly'],
        keepYearly: rules['keep-yearly'],
        keepVerified: rules['keep-verified'],
      }),
  );
