import { z } from 'zod';
import { duration } from './duration.ts';
import { healthSchema } from './health.ts';
import { rate } from './rate.ts';
import { secretReference } from './secret.ts';

/** What can be backed up: a database that is read directly, or a CRM that is asked for its backup. */

const common = {
  /** The stores that take its backups; left out: all of them. */
  stores: z.array(z.string()).min(1).optional(),
  /** Thresholds of this database instead of those of the whole file. */
  health: healthSchema.optional(),
};

export const postgresSchema = z.strictObject({
  source: z.literal('postgres').default('postgres'),
  /** libpq URL; a password may only come from the environment. */
  url: z.string(),
  /** `schema.table` names whose rows are left out; the tables themselves are kept, and the manifest names them. */
  'exclude-rows': z.array(z.string()).default([]),
  /** Connections that read rows; two more read the schema and hold the snapshot. */
  'max-connections': z.int().min(1).max(16).default(2),
  /** Of rows in a second, over all connections together; left out: as fast as it goes. */
  'max-rate': rate.optional(),
  /** How long to wait for a table that a migration has locked. */
  'lock-timeout': duration.default(60_000),
  ...common,
});

/** A path of the CRM's endpoint; `{id}` stands for the id of a backup. */
const path = z.string().regex(/^\/[^\s?#]*$/, 'a path that begins with a slash');

const crmApi = z.strictObject({
  source: z.literal('crm-api'),
  /** Where the CRM is served, such as `https://crm.example.com`. */
  'app-url': z.string().min(1),
  'api-key': secretReference,
  /** Of the CRM's database, when it can be reached too: its table of backups is then read directly. */
  url: z.string().optional(),
  'backup-path': path.default('/api/admin/backup'),
  /** `off`: the CRM has no download. */
  'download-path': z.union([z.literal('off'), path]).default('/api/admin/backup/{id}'),
  /** For one request. */
  timeout: duration.default(120_000),
  ...common,
});

export const databaseSchema = z.discriminatedUnion('source', [crmApi, postgresSchema]);
export type DatabaseConfig = z.infer<typeof databaseSchema>;
export type PostgresConfig = z.infer<typeof postgresSchema>;
