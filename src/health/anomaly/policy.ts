import { z } from 'zod';

const share = z.number().positive().max(1);
const several = z.int().min(1);

/** Every threshold of the comparison with earlier backups. docs/anomalies.md has what each costs and finds. */
export const anomalyPolicySchema = z.strictObject({
  /** Compared with so many good backups before, none older than so many days. */
  window: several.max(100).default(14),
  windowDays: z.number().positive().default(30),
  /** With fewer than so many, only with the one before. */
  coldStart: several.default(7),
  /** Distance from the median, in the scale of the usual scatter, from which a value is unusual. */
  z: z.number().positive().default(3.5),
  /** A total must also have lost or gained that part of the median. */
  shrink: share.default(0.1),
  growth: z.number().positive().default(0.5),
  coldShrink: share.default(0.3),
  coldGrowth: z.number().positive().default(1),
  /** Bytes per row and the archive's share of the COPY text: either way. */
  ratioChange: share.default(0.08),
  /** A single table must have lost that part of its rows. */
  tableShrink: share.default(0.4),
  /** Loss from which a backup does not count as good until somebody accepts it. */
  quarantineShrink: share.default(0.4),
  /** What is too small to matter. */
  minBytes: z.number().nonnegative().default(65_536),
  minRows: z.number().nonnegative().default(100),
  /** How long beyond usual is worth a note: so many times the median, and so many minutes more. */
  durationFactor: z.number().min(1).default(3),
  durationMinutes: z.number().nonnegative().default(5),
  /** After so many unusual backups that are alike, theirs is the usual level. Quarantine is never lifted by this. */
  newLevelAfter: several.default(3),
  newLevelWithin: share.default(0.1),
});

export type AnomalyPolicy = z.infer<typeof anomalyPolicySchema>;
