import { z } from 'zod';
import { policySchema } from '../health/policy.ts';
import { databaseName } from '../ledger/record.ts';
import { retentionPolicySchema } from '../retention/policy.ts';
import { alertsSchema } from './alerts.ts';
import { anomaliesSchema } from './anomalies.ts';
import { databaseSchema } from './databases.ts';
import { healthSchema } from './health.ts';
import { retentionSchema } from './retention.ts';
import { storeSchema } from './stores.ts';

/**
 * `holdfast.yml`. One schema for the file, the command line and action inputs; names are kebab-case in all of them.
 * Times are text such as `90s`, `20h` or `35d`.
 */

const storeName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens');

const ledgerSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('directory'), path: z.string().min(1) }),
  z.strictObject({
    type: z.literal('github'),
    branch: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+)*$/, 'the name of a branch')
      .default('holdfast-ledger'),
    /** `owner/name`; left out: the repository of the run. */
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'owner/name')
      .optional(),
  }),
]);

const publishSchema = z.strictObject({
  /** `tables`: names of tables may appear in the ledger and on the page. */
  details: z.enum(['none', 'tables']).default('none'),
  /** Where the page is served, for links and feeds. */
  'site-url': z.url({ protocol: /^https?$/ }).optional(),
  /** Language of the page. */
  locale: z.enum(['en', 'de']).default('en'),
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
  health: healthSchema.optional().transform((thresholds) => policySchema.parse(thresholds ?? {})),
  retention: retentionSchema.optional().transform((rules) => rules ?? retentionPolicySchema.parse({})),
  anomalies: anomaliesSchema.prefault({}),
  alerts: alertsSchema.prefault({}),
  publish: publishSchema.prefault({}),
});

export type Config = z.infer<typeof configSchema>;
