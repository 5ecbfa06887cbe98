import { z } from 'zod';
import { backupId, databaseName, instant, type LedgerRecord, rungs } from '../ledger/record.ts';
import { type AnomalyPolicy, anomalyPolicySchema } from './anomaly/policy.ts';
import { backupSchema, composeBackups } from './backup-page.ts';
import { composeDatabasePage } from './database-page.ts';
import { databasePage } from './database-page-schema.ts';
import { deadlinesOf } from './deadlines.ts';
import { evaluate } from './evaluate.ts';
import { gatherFacts } from './facts.ts';
import { type Policy, policySchema } from './policy.ts';

/** All that the page shows, within limits: its size does not grow with the ledger. Public. `status.json` is a part of it. */

const outcome = z.enum(['succeeded', 'failed']);
const state = z.enum(['good', 'warning', 'critical']);
const brief = z.strictObject({ at: instant, outcome, reason: z.string().nullable() });

const reasonSchema = z.strictObject({
  state: z.enum(['warning', 'critical']),
  code: z.string(),
  database: z.string().nullable(),
  text: z.string(),
  since: instant.nullable(),
});
const deadlines = {
  /** Snapshot of the newest good backup; of several databases, of the one that is worst off. Null when one has none. */
  lastGoodAt: instant.nullable(),
  /** When the first of them turns late, and Critical, unless a good backup comes. */
  lateAfter: instant.nullable(),
  criticalAfter: instant.nullable(),
};
const verdict = { state, reasons: z.array(reasonSchema), validUntil: instant.nullable() };

const factsSchema = z.strictObject({
  database: databaseName,
  newestGood: z.strictObject({ id: backupId, snapshotAt: instant, rung: z.enum(rungs) }).nullable(),
  firstGoodAt: instant.nullable(),
  lastAttempt: brief.nullable(),
  storesBehind: z.array(z.strictObject({ store: z.string(), since: instant })),
  lastRestoreTest: brief.extend({ backupId: backupId.nullable() }).nullable(),
  restoreTestNotRun: brief.omit({ outcome: true }).nullable(),
  lastVerified: brief.nullable(),
  lastReadableAt: instant.nullable(),
  unusual: z
    .strictObject({
      backupId,
      verdict: z.enum(['warning', 'quarantine']),
      what: z.string(),
      schemaChanged: z.boolean().nullable(),
      since: instant,
    })
    .nullable(),
  notOffSiteSince: instant.nullable(),
  futureDated: z.strictObject({ records: z.int().positive(), latest: instant }).nullable(),
});

export const locales = ['en', 'de'] as const;

/** Where and in which language the page is shown. */
const siteSchema = z.strictObject({
  locale: z.enum(locales),
  /** Where it is served, ending in a slash; null when unknown: feeds then have relative links. */
  url: z.url().nullable(),
});
export type SiteSettings = z.infer<typeof siteSchema>;

export const statusSchema = z.strictObject({
  version: z.literal(1),
  generatedAt: instant,
  site: siteSchema,
  ...deadlines,
  policy: policySchema,
  /** By which rules a size is called usual. */
  anomalies: anomalyPolicySchema,
  /** The verdict at `generatedAt`; a reader later than that evaluates `facts` again. */
  health: z.strictObject({
    ...verdict,
    at: instant,
    databases: z.array(z.strictObject({ ...verdict, database: databaseName })),
  }),
  /** One per configured database. */
  facts: z.array(factsSchema),
  databases: z.array(
    z.strictObject({
      database: databaseName,
      ...deadlines,
      /** Newest first. */
      backups: z.array(backupSchema),
      ...databasePage,
    }),
  ),
});

export type Status = z.infer<typeof statusSchema>;

export interface StatusContext {
  site?: SiteSettings;
  /** What the band of expected sizes is drawn by; left out: the defaults. */
  anomalies?: AnomalyPolicy;
  /** The stores that should have the backups of a database; left out: those that ever had one. */
  storesOf?: (database: string) => readonly string[];
  /** `tables`: names of tables that the ledger has are shown. */
  details?: 'none' | 'tables';
}

/** Composes the status document from a ledger; `now` in milliseconds since the epoch. */
export function composeStatus(
  records: readonly LedgerRecord[],
  names: readonly string[],
  policy: Policy,
  now: number,
  context: StatusContext = {},
): Status {
  const anomalies = context.anomalies ?? anomalyPolicySchema.parse({});
  const named = context.details === 'tables';
  const facts = gatherFacts(records, names, {
    now,
    ...(context.storesOf ? { storesOf: context.storesOf } : {}),
  });
  return {
    version: 1,
    generatedAt: new Date(now).toISOString(),
    site: context.site ?? { locale: 'en', url: null },
    ...deadlinesOf(facts, policy),
    policy,
    anomalies,
    health: evaluate(facts, policy, now),
    facts,
    databases: names.map((database, index) => {
      const own = records.filter((record) => record.database === database);
      return {
        database,
        ...deadlinesOf(facts.slice(index, index + 1), policy),
        backups: composeBackups(own, named),
        ...composeDatabasePage(own, database, { health: policy, anomalies }, now, named),
      };
    }),
  };
}
