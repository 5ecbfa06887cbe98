import { z } from 'zod';

/**
 * A ledger record: one attempt, good or bad. The ledger is public, so nothing here may come from the database or
 * from an error message: names are configured ones, `reason` is a fixed sentence (see `lib/errors.ts`).
 */

/** The four rungs of proof, lowest first. */
export const rungs = ['stored', 'intact', 'readable', 'restored'] as const;
export type Rung = (typeof rungs)[number];

export const instant = z.iso.datetime({ precision: 3 }).describe('UTC, milliseconds, ending in Z');
export const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
export const databaseName = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/,
    'lower-case letters, digits and inner hyphens, at most 40',
  );
/** `<database>-<UTC snapshot time>-<4 random base32>` */
export const backupId = z.string().regex(/^[a-z0-9-]{1,40}-\d{8}T\d{6}Z-[a-z2-7]{4}$/);
const count = z.int().nonnegative();

/** One copy of an archive in one store. */
export const copySchema = z.strictObject({
  store: z.string(),
  kind: z.string(),
  sizeBytes: count,
  digest,
});
export type Copy = z.infer<typeof copySchema>;

const backupResult = z.strictObject({
  snapshotAt: instant,
  copies: z.array(copySchema).min(1),
  /** Bytes of the archive as stored. */
  sizeBytes: count,
  /** Bytes of COPY text before compression. */
  rawBytes: count,
  tables: count,
  rows: count,
  contentRoot: digest,
  fingerprint: digest,
  serverMajor: z.int(),
  formatVersion: z.int(),
  encrypted: z.boolean(),
});

const verifyResult = z.strictObject({
  store: z.string(),
  /** The highest rung that this reading proved; null when not even `stored` held. */
  rung: z.enum(rungs).nullable(),
});

const restoreTestResult = z.strictObject({
  store: z.string(),
  formatVersion: z.int(),
  scratch: z.enum(['embedded', 'url']),
  serverMajor: z.int(),
  tables: count,
  rows: count,
  /** Time to a usable database: reading, rebuilding, indexes and constraints. This is the measured RTO. */
  restoreDurationMs: count,
  /** Time to read every table back and compare it. */
  compareDurationMs: count,
  contentRoot: z.strictObject({ expected: digest, actual: digest.nullable() }),
  tablesDifferent: count,
  schema: z.enum(['equal', 'explained', 'different', 'applied']).nullable(),
  schemaDifferences: count,
});

/** Trigger of the backup that a restore takes of its target before it replaces anything. */
export const preRestoreTrigger = 'pre-restore';
/** Trigger of the backup that a restore takes afterwards of a target that is not the database itself. */
export const otherTargetTrigger = 'restore-target';

/** Whether a backup belongs to the regular rhythm of its database, and may be what `latest` means. */
export function isRegularTrigger(trigger: string): boolean {
  return trigger !== preRestoreTrigger && trigger !== otherTargetTrigger;
}

/** The steps of a restore, in their order. */
export const restoreSteps = [
  'checked',
  'planned',
  'confirmed',
  'backed-up',
  'replaced',
  'proved',
  'committed',
  'backed-up-after',
] as const;

const restoreResult = z.strictObject({
  mode: z.enum(['new', 'replace', 'tables']),
  store: z.string(),
  /** Steps that were completed, and when. */
  steps: z.array(z.strictObject({ step: z.enum(restoreSteps), at: instant })),
  /** The backup that was taken of the target before; null when it was empty. */
  before: backupId.nullable(),
  after: backupId.nullable(),
  tables: count,
  rows: count,
  contentRoot: z.strictObject({ expected: digest, actual: digest.nullable() }),
  schema: z.enum(['equal', 'explained', 'different', 'applied']).nullable(),
});

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
  trigger: z.string().regex(/^[\w .:/-]{1,64}$/),
  runUrl: z.url().nullable(),
  actor: z.string().max(64).nullable(),
  /** Why it failed, in words that are safe to publish; null on success. */
  reason: z.string().max(200).nullable(),
  errorKind: z.enum(['ConfigError', 'SourceError', 'StoreError', 'IntegrityError', 'Bug']).nullable(),
};

export const recordSchema = z.discriminatedUnion('verb', [
  z.strictObject({
    ...attempt,
    verb: z.literal('backup'),
    backupId: backupId.nullable(),
    result: backupResult.nullable(),
  }),
  z.strictObject({
    ...attempt,
    verb: z.literal('verify'),
    backupId: backupId.nullable(),
    result: verifyResult.nullable(),
  }),
  z.strictObject({
    ...attempt,
    verb: z.literal('restore-test'),
    backupId: backupId.nullable(),
    result: restoreTestResult.nullable(),
  }),
  z.strictObject({
    ...attempt,
    verb: z.literal('restore'),
    backupId: backupId.nullable(),
    /** `began` is written before anything is changed, so that a restore that was killed is in the ledger too. */
    phase: z.enum(['began', 'ended']),
    result: restoreResult.nullable(),
  }),
]);

export type LedgerRecord = z.infer<typeof recordSchema>;
export type BackupRecord = Extract<LedgerRecord, { verb: 'backup' }>;
export type VerifyRecord = Extract<LedgerRecord, { verb: 'verify' }>;
export type RestoreTestRecord = Extract<LedgerRecord, { verb: 'restore-test' }>;
export type RestoreRecord = Extract<LedgerRecord, { verb: 'restore' }>;
