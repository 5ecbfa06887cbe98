import { z } from 'zod';
import { type AnomalyPolicy, anomalyPolicySchema } from '../health/anomaly/policy.ts';

const share = z.number().positive().max(1);

/** `anomalies:` in `holdfast.yml`; the defaults and the meaning are those of `health/anomaly/policy.ts`. */
export const anomaliesSchema = z
  .strictObject({
    window: z.int().min(1).max(100).optional(),
    'cold-start': z.int().min(1).max(100).optional(),
    shrink: share.optional(),
    growth: z.number().positive().optional(),
    'ratio-change': share.optional(),
    'table-shrink': share.optional(),
    'quarantine-shrink': share.optional(),
    'min-bytes': z.int().min(0).optional(),
    'min-rows': z.int().min(1).optional(),
    'duration-factor': z.number().min(1).optional(),
    'new-level-after': z.int().min(1).max(100).optional(),
  })
  .transform(
    (rules): AnomalyPolicy =>
      anomalyPolicySchema.parse({
        window: rules.window,
        coldStart: rules['cold-start'],
        shrink: rules.shrink,
        growth: rules.growth,
        ratioChange: rules['ratio-change'],
        tableShrink: rules['table-shrink'],
        quarantineShrink: rules['quarantine-shrink'],
        minBytes: rules['min-bytes'],
        minRows: rules['min-rows'],
        durationFactor: rules['duration-factor'],
        newLevelAfter: rules['new-level-after'],
      }),
  );
