import { z } from 'zod';
import {
  acceptResult,
  alertResult,
  backupResult,
  copyResult,
  exportResult,
  holdResult,
  pruneResult,
  rekeyResult,
  restoreResult,
  restoreTestResult,
  reviewResult,
  verifyResult,
} from './results.ts';
import { backupId, count, databaseName, instant, triggerText } from './words.ts';

/**
 * A ledger record: one attempt, good or bad. The ledger is public, so nothing here may come from the database or
 * from an error message: names are configured ones, `reason` is a fixed sentence (see `lib/errors.ts`).
 */

export {
  type Anomaly,
  type AnomalyFinding,
  anomalySchema,
  type Copy,
  copySchema,
  namedTable,
  restoreSteps,
  type SchemaPart,
  type SchemaParts,
  schemaPartNames,
} from './results.ts';
export * from './words.ts';

const attempt = {
  version: z.literal(1),
  id: z.string().regex(/^[0-9a-f]{16}$/),
  database: databaseName,
  outcome: z.enum(['succeeded', 'failed']),
  /** When a schedule meant this to run; null when a person started it. */
  intendedAt: instant.nullable(),
  startedAt: instant,
  finishedAt: instant,
  durationMs: count,
  trigger: triggerText,
  runUrl: z.url().nullable(),
  actor: z.string().max(64).nullable(),
  /** Why it failed, in words that are safe to publish; null on success. */
  reason: z.string().max(200).nullable(),
  errorKind: z.enum(['ConfigError', 'SourceError', 'StoreError', 'IntegrityError', 'Bug']).nullable(),
};

/** The record of one verb: what every attempt has, the backup it was about, and its result; null when it had none. */
function recordOf<V extends string, R extends z.ZodType>(verb: V, result: R) {
  return z.strictObject({
    ...attempt,
    verb: z.literal(verb),
    backupId: backupId.nullable(),
    result: result.nullable(),
  });
}

export const recordSchema = z.discriminatedUnion('verb', [
  recordOf('backup', backupResult).extend({
    /** The CRM made a backup in its own database, which could not be carried off it. */
    inDatabase: z.strictObject({ at: instant, sizeBytes: count.nullable() }).nullable().default(null),
  }),
  recordOf('verify', verifyResult),
  recordOf('restore-test', restoreTestResult),
  recordOf('restore', restoreResult).extend({
    /** `began` is written before anything is changed, so that a restore that was killed is in the ledger too. */
    phase: z.enum(['began', 'ended']),
  }),
  recordOf('prune', pruneResult),
  recordOf('copy', copyResult),
  recordOf('rekey', rekeyResult),
  recordOf('hold', holdResult),
  recordOf('accept', acceptResult),
  recordOf('review', reviewResult),
  recordOf('alert', alertResult),
  recordOf('export', exportResult),
]);

export type LedgerRecord = z.infer<typeof recordSchema>;
type RecordOf<V extends LedgerRecord['verb']> = Extract<LedgerRecord, { verb: V }>;
export type BackupRecord = RecordOf<'backup'>;
export type RekeyRecord = RecordOf<'rekey'>;
export type VerifyRecord = RecordOf<'verify'>;
export type RestoreTestRecord = RecordOf<'restore-test'>;
export type RestoreRecord = RecordOf<'restore'>;

/** Whether an attempt makes a backup: takes one, or encrypts one again under a new id. */
export function isMaking(record: LedgerRecord): record is BackupRecord | RekeyRecord {
  return record.verb === 'backup' || record.verb === 'rekey';
}
