import { z } from 'zod';
import {
  backupId,
  count,
  databaseName,
  instant,
  isRegularTrigger,
  type LedgerRecord,
  rungs,
} from '../ledger/record.ts';
import { restoreTestResult } from '../ledger/results.ts';
import type { AnomalyPolicy } from './anomaly/policy.ts';
import { backupsOf } from './backups.ts';
import { historyOf } from './history.ts';
import { holdingsOf } from './holdings.ts';
import { incidentsOf } from './incidents.ts';
import { latenessOf, nextRunDue } from './lateness.ts';
import type { Policy } from './policy.ts';
import { seriesOf } from './series.ts';
import { timelineOf } from './timeline.ts';

/** What the page shows of one database beside its verdict and its backups: what it did, and how that went over time. */

/** How far back the page looks. All of it is in the ledger; a page without end would be read by nobody. */
export const shownLimits = {
  historyDays: 90,
  incidentDays: 366,
  incidents: 50,
  points: 400,
  backups: 100,
  attempts: 20,
  restoreTests: 36,
} as const;

const dayMs = 86_400_000;
const state = z.enum(['good', 'warning', 'critical']);
const gravity = z.enum(['warning', 'critical']);
const verb = z.enum([
  'backup',
  'verify',
  'restore-test',
  'restore',
  'prune',
  'copy',
  'hold',
  'accept',
  'review',
  'alert',
  'export',
]);

const attemptSchema = z.strictObject({
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
      endedBy: z
        .strictObject({ verb, backupId: backupId.nullable(), runUrl: z.url().nullable() })
        .nullable(),
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
    band: z.array(
      z.strictObject({ at: instant, lowBytes: z.number(), highBytes: z.number().nullable() }),
    ),
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
  restoreTests: z.array(attemptSchema.extend({ result: restoreTestResult.nullable() })),
};

export type DatabasePage = { [K in keyof typeof databasePage]: z.infer<(typeof databasePage)[K]> };

/**
 * @param records of this database, in any order
 * @param now milliseconds since the epoch
 */
export function composeDatabasePage(
  records: readonly LedgerRecord[],
  database: string,
  policy: { health: Policy; anomalies: AnomalyPolicy },
  now: number,
): DatabasePage {
  const since = (days: number) => now - days * dayMs;
  const stretches = timelineOf(records, database, policy.health, {
    fromMs: since(shownLimits.incidentDays),
    toMs: now,
  });
  const newestFirst = records.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const fromMs = since(shownLimits.historyDays);
  const regular = records.filter((record) => record.verb === 'backup' && isRegularTrigger(record.trigger));
  return {
    history: historyOf(stretches, now, shownLimits.historyDays),
    incidents: incidentsOf(stretches, database, records).slice(0, shownLimits.incidents),
    lateness: latenessOf(regular, fromMs),
    nextRunDue: nextRunDue(regular),
    series: seriesOf(records, database, policy.anomalies, now, { fromMs, count: shownLimits.points }),
    holdings: holdingsOf(backupsOf(records), records),
    attempts: newestFirst.slice(0, shownLimits.attempts).map(attemptOf),
    restoreTests: newestFirst
      .filter((record) => record.verb === 'restore-test')
      .slice(0, shownLimits.restoreTests)
      .map((record) => ({ ...attemptOf(record), result: record.result })),
  };
}

/** Only what the page shows: a result may be long, and is in the ledger. */
function attemptOf(record: LedgerRecord): z.infer<typeof attemptSchema> {
  const { id, verb, outcome, errorKind, reason, startedAt, finishedAt, durationMs } = record;
  const { trigger, actor, runUrl, backupId } = record;
  return {
    id,
    verb,
    outcome,
    errorKind,
    reason,
    startedAt,
    finishedAt,
    durationMs,
    trigger,
    actor,
    runUrl,
    backupId,
  };
}
