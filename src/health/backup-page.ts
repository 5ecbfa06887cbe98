import { z } from 'zod';
import {
  anomalySchema,
  backupId,
  copySchema,
  digest,
  instant,
  type LedgerRecord,
  rungs,
} from '../ledger/record.ts';
import { explainAnomaly } from './anomaly/explain.ts';
import { backupsOf } from './backups.ts';
import { namedTablesOf, namedTablesSchema } from './named-tables.ts';
import { shownLimits } from './shown-limits.ts';

/** What the page shows of one backup. */

export const backupSchema = z.strictObject({
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
  /** Null unless names are to be published. */
  namedTables: namedTablesSchema,
  rows: z.int(),
  durationMs: z.int(),
  contentRoot: digest,
  fingerprint: digest,
  /** Of a `crm-api` source the version is that of no server: its schema was inferred. */
  source: z.enum(['postgres', 'crm-api']),
  serverMajor: z.int(),
  encrypted: z.boolean(),
  /** Fingerprints of the recipients; null when unknown or not encrypted. */
  recipients: z.array(z.string()).nullable(),
});

type ShownBackup = z.infer<typeof backupSchema>;

/**
 * The newest backups that some store should hold, newest first. What retention removed from every store is no backup any
 * more; its attempt stays in the history.
 *
 * @param records of one database
 * @param names whether names of tables are to be published
 */
export function composeBackups(records: readonly LedgerRecord[], names: boolean): ShownBackup[] {
  return backupsOf(records)
    .filter(({ stores }) => stores.length > 0)
    .slice(0, shownLimits.backups)
    .map(({ result, stores, copies, ...known }) => ({
      id: known.id,
      trigger: known.trigger,
      snapshotAt: known.snapshotAt,
      good: known.good,
      rung: known.rung,
      reached: known.reached,
      copies,
      damagedIn: stores.filter((store) => !copies.some((copy) => copy.store === store)),
      quarantined: known.quarantined,
      anomaly: result.anomaly && { verdict: result.anomaly.verdict, lines: explainAnomaly(result.anomaly) },
      sizeBytes: result.sizeBytes,
      rawBytes: result.rawBytes,
      tables: result.tables,
      namedTables: namedTablesOf(result, names),
      rows: result.rows,
      durationMs: known.durationMs,
      contentRoot: result.contentRoot,
      fingerprint: result.fingerprint,
      source: result.source,
      serverMajor: result.serverMajor,
      encrypted: result.encrypted,
      recipients: result.recipients,
    }));
}
