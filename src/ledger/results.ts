import { z } from 'zod';
import { backupId, count, digest, instant, publicWords, rungs, triggerText } from './words.ts';

/** What a record says of an attempt that came far enough to have a result, per verb. Public, like all of the ledger. */

/** One copy of an archive in one store. */
export const copySchema = z.strictObject({
  store: z.string(),
  kind: z.string(),
  sizeBytes: count,
  digest,
});
export type Copy = z.infer<typeof copySchema>;

/** Stands for a table's name: see `source/postgres/table-pseudonyms.ts`. */
const pseudonym = z.string().regex(/^[\w-]{8,16}$/);

/** One series that left its expected range. Numbers and pseudonyms only. */
const findingSchema = z.strictObject({
  /** `bytesPerRow` is of COPY text; `storedRatio` what is left of it in the archive; `filledTables` those with a row. */
  series: z.enum([
    'sizeBytes',
    'rawBytes',
    'rows',
    'bytesPerRow',
    'storedRatio',
    'filledTables',
    'tables',
    'tableRows',
    'durationMs',
  ]),
  rule: z.enum(['statistics', 'cold-start', 'shrink', 'emptied', 'renamed', 'no-tables']),
  severity: z.enum(['info', 'warning', 'quarantine']),
  value: z.number(),
  /** Of those it was compared with; in a cold start the value of the one before. */
  median: z.number(),
  /** The range in which nothing would have been said. */
  expected: z.tuple([z.number(), z.number().nullable()]),
  /** Distance from the median in the scale of the usual scatter; null where the rule has no use for one. */
  z: z.number().nullable(),
  /** Backups that it was compared with. */
  n: count,
  /** With `tableRows`: how many tables, and those that lost most; `rows` null: the table is gone. */
  tables: z
    .strictObject({
      count,
      worst: z
        .array(z.strictObject({ table: pseudonym, rows: count.nullable(), median: z.number() }))
        .max(10),
    })
    .nullable(),
});
export type AnomalyFinding = z.infer<typeof findingSchema>;

export const schemaPartNames = [
  'tables',
  'columns',
  'indexes',
  'constraints',
  'views',
  'functions',
  'triggers',
  'types',
  'sequences',
  'policies',
  'extensions',
  'other',
] as const;
const schemaPart = z.enum(schemaPartNames);
export type SchemaPart = z.infer<typeof schemaPart>;

/** How many objects of each kind, and a keyed digest of their definitions; null without a key. Absent kinds have none. */
const schemaPartsSchema = z.partialRecord(
  schemaPart,
  z.strictObject({
    count,
    digest: z
      .string()
      .regex(/^[0-9a-f]{8}$/)
      .nullable(),
  }),
);
export type SchemaParts = z.infer<typeof schemaPartsSchema>;

export const anomalySchema = z.strictObject({
  /** `learning`: too few backups to know what is usual. `quarantine`: it does not count as a good backup until accepted. */
  verdict: z.enum(['learning', 'usual', 'warning', 'quarantine']),
  findings: z.array(findingSchema),
  /** Backups that it was compared with, and the newest of them. */
  n: count,
  comparedWith: backupId.nullable(),
  /** How the schema differs from that of `comparedWith`; null when there was none. */
  schema: z
    .strictObject({
      changed: z.boolean(),
      /** The kinds that differ; the same number before and after means other definitions. Null where that is unknown. */
      parts: z.array(z.strictObject({ kind: schemaPart, before: count, after: count })).nullable(),
    })
    .nullable(),
  /** Whether tables could be compared one by one. `other-server`: their pseudonyms were made with another key. */
  tables: z.enum(['compared', 'other-server', 'unknown']),
  /** Backups known by then that claim to be of a later time: a clock was wrong when they were taken. */
  datedAhead: z.array(backupId).max(50),
});
export type Anomaly = z.infer<typeof anomalySchema>;

/** A table by name, where names may be published. */
export const namedTable = z.strictObject({ name: z.string(), rows: count });

export const backupResult = z.strictObject({
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
  /** Fingerprints of the recipients; null when it is not encrypted, or by an older version. */
  recipients: z
    .array(z.string().regex(/^[0-9a-f]{16}$/))
    .nullable()
    .default(null),
  source: z.enum(['postgres', 'crm-api']).default('postgres'),
  /** The backup that this is, encrypted again to other recipients; null for one that was taken. */
  rekeyedFrom: backupId.nullable().default(null),
  /** Requests that it took to have the CRM make its backup; null for a source that is read directly. */
  requests: z.int().positive().nullable().default(null),
  /**
   * Rows of each table that has at least a hundred, by pseudonym, so that no name is published; null when the server
   * gives nothing to make pseudonyms of.
   */
  tableRows: z.record(pseudonym, count).nullable().default(null),
  /** Tells whether pseudonyms of two backups can be compared. */
  pseudonymKey: z
    .string()
    .regex(/^[0-9a-f]{8}$/)
    .nullable()
    .default(null),
  /** What the schema is made of; null where it was not counted. */
  schemaParts: schemaPartsSchema.nullable().default(null),
  /** Names and rows of the largest tables, where the configuration says `publish: { details: tables }`; else null. */
  namedTables: z.array(namedTable).nullable().default(null),
  /** Tables without a row. */
  emptyTables: count.nullable().default(null),
  /** How it compares with the backups before it; null when it was not compared, as with one before a restore. */
  anomaly: anomalySchema.nullable().default(null),
});

/** A backup that was encrypted again: its rows, and the moment they are of, are those of the one it was made of. */
export const rekeyResult = backupResult.extend({
  rekeyedFrom: backupId,
  /** How and when the backup was taken in the first place. */
  taken: z.strictObject({ trigger: triggerText, finishedAt: instant, durationMs: count }),
  /** Whether the ledger vouched for the archive that it was made of. If not, it does not for this one. */
  vouched: z.boolean(),
});

export const verifyResult = z.strictObject({
  store: z.string(),
  /** The highest rung that this reading proved; null when not even `stored` held. */
  rung: z.enum(rungs).nullable(),
});

export const restoreTestResult = z.strictObject({
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

export const restoreResult = z.strictObject({
  mode: z.enum(['new', 'replace', 'tables']),
  store: z.string(),
  /** Steps that were completed, and when. */
  steps: z.array(z.strictObject({ step: z.enum(restoreSteps), at: instant })),
  /** The backup that was taken of the target before; null when it was empty. */
  before: backupId.nullable(),
  after: backupId.nullable(),
  /** The ledger did not vouch for the archive, and the person who restored did. */
  trustedArchive: z.literal(true).optional(),
  tables: count,
  rows: count,
  contentRoot: z.strictObject({ expected: digest, actual: digest.nullable() }),
  schema: z.enum(['equal', 'explained', 'different', 'applied']).nullable(),
});

/** What was removed from one store by the rules of retention. */
export const pruneResult = z.strictObject({
  store: z.string(),
  deleted: z.array(backupId),
  kept: count,
  freedBytes: count,
});

/** A copy that was made of a backup later, from one store into another. */
export const copyResult = z.strictObject({ from: z.string(), copy: copySchema });

/** A backup that no pruning may remove, or may again. */
export const holdResult = z.strictObject({ held: z.boolean(), reason: publicWords });

/** A person vouches for an unusual backup; what comes after it is compared with it. */
export const acceptResult = z.strictObject({ reason: publicWords });

/** What the policy keeps and would delete, as the quarterly review found it. */
export const reviewResult = z.strictObject({ kept: count, deletable: count, issueUrl: z.url().nullable() });

/** A message about a change of health; `failed` when it could not be sent. */
export const alertResult = z.strictObject({
  channel: z.enum(['issue', 'heartbeat', 'webhook']),
  event: z.enum(['opened', 'updated', 'closed', 'start', 'success', 'fail']),
  /** What it was about; null for a heartbeat. */
  state: z.enum(['good', 'warning', 'critical']).nullable().default(null),
  url: z.url().nullable(),
});

/** Rows that left a backup in clear. */
export const exportResult = z.strictObject({
  format: z.enum(['json', 'csv', 'copy']),
  tables: count,
  rows: count,
});
