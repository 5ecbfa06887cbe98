import { z } from 'zod';
import {
  backupId,
  copySchema,
  databaseName,
  digest,
  instant,
  type LedgerRecord,
  recordSchema,
  rungs,
} from '../ledger/record.ts';
import { backupsOf } from './backups.ts';
import { evaluate } from './evaluate.ts';
import { gatherFacts } from './facts.ts';
import { type Policy, policySchema } from './policy.ts';

/** `status.json`: all that the page shows, and what other programs may read. Public. Version 1. */

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
});

const backupSchema = z.strictObject({
  id: backupId,
  trigger: z.string(),
  snapshotAt: instant,
  good: z.boolean(),
  rung: z.enum(rungs),
  reached: z.array(z.strictObject({ rung: z.enum(rungs), at: instant, runUrl: z.url().nullable() })),
  copies: z.array(copySchema),
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

export const statusSchema = z.strictObject({
  version: z.literal(1),
  generatedAt: instant,
  policy: policySchema,
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
      /** Every attempt of any verb, newest first. */
      attempts: z.array(recordSchema),
    }),
  ),
});

export type Status = z.infer<typeof statusSchema>;

/** Composes the public status document from a ledger; `now` in milliseconds since the epoch. */
export function composeStatus(
  records: readonly LedgerRecord[],
  names: readonly string[],
  policy: Policy,
  now: number,
): Status {
  const facts = gatherFacts(records, names);
  return {
    version: 1,
    generatedAt: new Date(now).toISOString(),
    policy,
    health: evaluate(facts, policy, now),
    facts,
    databases: names.map((database) => {
      const own = records.filter((record) => record.database === database);
      return {
        database,
        backups: backupsOf(own).map(({ result, finishedAt: _, database: __, ...known }) => ({
          ...known,
          sizeBytes: result.sizeBytes,
          rawBytes: result.rawBytes,
          tables: result.tables,
          rows: result.rows,
          durationMs: own.find((record) => record.verb === 'backup' && record.backupId === known.id)!
            .durationMs,
          contentRoot: result.contentRoot,
          fingerprint: result.fingerprint,
          serverMajor: result.serverMajor,
          encrypted: result.encrypted,
        })),
        attempts: own.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)),
      };
    }),
  };
}
