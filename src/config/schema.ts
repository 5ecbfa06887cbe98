import { z } from 'zod';
import { policySchema } from '../health/policy.ts';
import { databaseName } from '../ledger/record.ts';

/**
 * `holdfast.yml`. One schema for the file, the command line and action inputs; names are kebab-case in all of them.
 * Times are text such as `90s`, `20h` or `35d`.
 */

const unitsMs: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Text such as `20h`, as milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smhd]$/, 'a time such as 90s, 30m, 20h or 35d')
  .transform((text) => Math.round(Number.parseFloat(text) * unitsMs[text.at(-1)!]!))
  .refine((ms) => ms > 0, 'a time longer than nothing');

const storeName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens');

const databaseSchema = z.strictObject({
  /** libpq URL; a password may only come from the environment. */
  url: z.string(),
  /** `schema.table` names whose rows are left out; the tables themselves are kept, and the manifest names them. */
  'exclude-rows': z.array(z.string()).default([]),
  /** Connections that read rows; two more read the schema and hold the snapshot. */
  'max-connections': z.int().min(1).max(16).default(2),
  /** How long to wait for a table that a migration has locked. */
  'lock-timeout': duration.default(60_000),
});

const storeSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('directory'), path: z.string().min(1) }),
]);

const ledgerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('directory'), path: z.string().min(1) }),
]);

const healthSchema = z.strictObject({
  'late-after': duration.optional(),
  'critical-after': duration.optional(),
  'restore-test-after': duration.optional(),
  'verify-after': duration.optional(),
});

export const configSchema = z.strictObject({
  databases: z
    .record(databaseName, databaseSchema)
    .refine((all) => Object.keys(all).length > 0, 'at least one database'),
  stores: z.record(storeName, storeSchema).refine((all) => Object.keys(all).length > 0, 'at least one store'),
  /** Recipients of every archive, or the word `off`. There is no default: leaving it out is refused. */
  encryption: z.union([
    z.literal('off'),
    z.strictObject({ recipients: z.array(z.string()).min(1, 'at least one recipient') }),
  ]),
  ledger: ledgerSchema.default({ type: 'directory', path: '.holdfast/ledger' }),
  health: healthSchema.default({}).transform((health) => {
    const hours = (ms: number | undefined) => (ms === undefined ? undefined : ms / unitsMs['h']!);
    const days = (ms: number | undefined) => (ms === undefined ? undefined : ms / unitsMs['d']!);
    return policySchema.parse({
      lateAfterHours: hours(health['late-after']),
      criticalAfterHours: hours(health['critical-after']),
      restoreTestAfterDays: days(health['restore-test-after']),
      verifyAfterDays: days(health['verify-after']),
    });
  }),
});

export type Config = z.infer<typeof configSchema>;
