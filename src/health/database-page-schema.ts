import { z } from 'zod';
import { backupId, count, databaseName, instant, rungs } from '../ledger/record.ts';
import { restoreTestResult } from '../ledger/results.ts';
import { namedTablesSchema } from './named-tables.ts';

/** The form of what the page shows of one database beside its verdict and its backups. */

const state = z.enum(['good', 'warning', 'critical']);
const gravity = z.enum(['warning', 'critical']);
const verb = z.enum([
  'backup',
  'verify',
  'restore-test',
  'restore',
  'prune',
  'copy',
  'rekey',
  'hold',
  'accept',
  'review',
  'alert',
  'export',
]);

export const attemptSchema = z.strictObject({
  id: z.string(),
  verb,
  outcome: z.enum(['succeeded', 'failed']),
  errorKind: z.string().nullable(),
  reason: z.string().nullable(),
  startedAt: instant,
  finishedAt: instant,
  durationMs: count,
  trigger: z.string(),
  actor: z.string().nullable(),
  runUrl: z.url().nullable(),
  backupId: backupId.nullable(),
});

/** The fields of a database in the status document that this file fills. */
export const databasePage = {
  history: z.strictObject({
    firstDay: z.iso.date(),
    days: z.array(state.nullable()),
    spentMs: z.strictObject({ good: count, warning: count, critical: count }),
  }),
  /** Newest first. */
  incidents: z.array(
    z.strictObject({
      id: z.string(),
      database: databaseName,
      from: instant,
      to: instant.nullable(),
      state: gravity,
      causes: z.array(z.strictObject({ state: gravity, code: z.string(), text: z.string() })),
      endedBy: z.strictObject({ verb, backupId: backupId.nullable(), runUrl: z.url().nullable() }).nullable(),
    }),
  ),
  lateness: z
    .strictObject({
      runs: z.array(z.strictObject({ at: instant, lateMs: count })),
      medianMs: count,
      worstMs: count,
    })
    .nullable(),
  nextRunDue: instant.nullable(),
  series: z.strictObject({
    points: z.array(
      z.strictObject({
        id: backupId,
        at: instant,
        sizeBytes: count,
        rows: count,
        durationMs: count,
        verdict: z.enum(['learning', 'usual', 'warning', 'quarantine']).nullable(),
      }),
    ),
    band: z.array(z.strictObject({ at: instant, lowBytes: z.number(), highBytes: z.number().nullable() })),
  }),
  holdings: z.array(
    z.strictObject({
      store: z.string(),
      kind: z.string(),
      backups: count,
      sizeBytes: count,
      newestSnapshotAt: instant.nullable(),
      lastChecked: z.strictObject({ at: instant, rung: z.enum(rungs) }).nullable(),
    }),
  ),
  /** Every kind of attempt, newest first. */
  attempts: z.array(attemptSchema),
  /** Newest first, with all that a receipt says. */
  restoreTests: z.array(
    attemptSchema.extend({ result: restoreTestResult.nullable(), namedTables: namedTablesSchema }),
  ),
};

export type DatabasePage = { [K in keyof typeof databasePage]: z.infer<(typeof databasePage)[K]> };
