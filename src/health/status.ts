import { z } from 'zod';
import {
  anomalySchema,
  backupId,
  copySchema,
  databaseName,
  digest,
  instant,
  type LedgerRecord,
  rungs,
} from '../ledger/record.ts';
import { explainAnomaly } from './anomaly/explain.ts';
import { type AnomalyPolicy, anomalyPolicySchema } from './anomaly/policy.ts';
import { backupsOf } from './backups.ts';
import { composeDatabasePage, databasePage, shownLimits } from './database-page.ts';
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

const backupSchema = z.strictObject({
  id: backupId,
  trigger: z.string(),
  snapshotAt: instant,
  good: z.boolean(),
  rung: z.enum(rungs),
  reached: z.array(z.strictObject({ rung: z.enum(rungs), at: instant, runUrl: z.url().nullable() })),
  /** Sound ones. */
  copies: z.array(copySchema),
  /** Stores whose copy a check found damaged. */
  damagedIn: z.array(z.string()),
  quarantined: z.boolean(),
  /** How it compares with the backups before it, in words; null when it was not compared. */
  anomaly: z.strictObject({ verdict: anomalySchema.shape.verdict, lines: z.array(z.string()) }).nullable(),
  sizeBytes: z.int(),
  rawBytes: z.int(),
  tables: z.int(),
  rows: z.int(),
  durationMs: z.int(),
  contentRoot: digest,
  fingerprint: digest,
  serverMajor: z.int(),
  encrypted: z.boolean(),
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
  /** Snapshot of the newest good backup of the database that is worst off; null when one has none. */
  lastGoodAt: instant.nullable(),
  /** When the first of the databases turns late, and critical, unless a good backup comes. */
  lateAfter: instant.nullable(),
  criticalAfter: instant.nullable(),
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
  const facts = gatherFacts(records, names, { now });
  return {
    version: 1,
    generatedAt: new Date(now).toISOString(),
    site: context.site ?? { locale: 'en', url: null },
    ...deadlinesOf(facts, policy),
    policy,
    anomalies,
    health: evaluate(facts, policy, now),
    facts,
    databases: names.map((database) => {
      const own = records.filter((record) => record.database === database);
      const durations = new Map(
        own.filter((record) => record.verb === 'backup').map((record) => [record.backupId, record.durationMs]),
      );
      return {
        database,
        // What retention removed from every store is no backup any more; its attempt stays in the history.
        backups: backupsOf(own)
          .filter(({ stores }) => stores.length > 0)
          .slice(0, shownLimits.backups)
          .map(({ result, ...known }) => ({
            id: known.id,
            trigger: known.trigger,
            snapshotAt: known.snapshotAt,
            good: known.good,
            rung: known.rung,
            reached: known.reached,
            copies: known.copies,
            damagedIn: known.stores.filter((store) => !known.copies.some((copy) => copy.store === store)),
            quarantined: known.quarantined,
            anomaly: result.anomaly && {
              verdict: result.anomaly.verdict,
              lines: explainAnomaly(result.anomaly),
            },
            sizeBytes: result.sizeBytes,
            rawBytes: result.rawBytes,
            tables: result.tables,
            rows: result.rows,
            durationMs: durations.get(known.id)!,
            contentRoot: result.contentRoot,
            fingerprint: result.fingerprint,
            serverMajor: result.serverMajor,
            encrypted: result.encrypted,
          })),
        ...composeDatabasePage(own, database, { health: policy, anomalies }, now),
      };
    }),
  };
}
