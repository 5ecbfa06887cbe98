import type { z } from 'zod';
import { isRegularTrigger, type LedgerRecord } from '../ledger/record.ts';
import type { AnomalyPolicy } from './anomaly/policy.ts';
import { backupsOf } from './backups.ts';
import type { attemptSchema, DatabasePage } from './database-page-schema.ts';
import { historyOf } from './history.ts';
import { holdingsOf } from './holdings.ts';
import { incidentsOf } from './incidents.ts';
import { latenessOf, nextRunDue } from './lateness.ts';
import { namedTablesOf } from './named-tables.ts';
import type { Policy } from './policy.ts';
import { seriesOf } from './series.ts';
import { shownLimits } from './shown-limits.ts';
import { timelineOf } from './timeline.ts';

/** What the page shows of one database beside its verdict and its backups: what it did, and how that went over time. */

const dayMs = 86_400_000;
/**
 * @param records of this database, in any order
 * @param now milliseconds since the epoch
 * @param names whether names of tables are to be published
 */
export function composeDatabasePage(
  records: readonly LedgerRecord[],
  database: string,
  policy: { health: Policy; anomalies: AnomalyPolicy },
  now: number,
  names: boolean,
): DatabasePage {
  const since = (days: number) => now - days * dayMs;
  const stretches = timelineOf(records, database, policy.health, {
    fromMs: since(shownLimits.incidentDays),
    toMs: now,
  });
  const newestFirst = records.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  const fromMs = since(shownLimits.historyDays);
  const regular = records.filter((record) => record.verb === 'backup' && isRegularTrigger(record.trigger));
  const known = backupsOf(records);
  const byId = new Map(known.map(({ id, result }) => [id, result]));
  const compared = (test: LedgerRecord) => {
    const result = test.result && byId.get(test.backupId ?? '');
    return result ? namedTablesOf(result, names) : null;
  };
  return {
    history: historyOf(stretches, now, shownLimits.historyDays),
    incidents: incidentsOf(stretches, database, records).slice(0, shownLimits.incidents),
    lateness: latenessOf(regular, fromMs),
    nextRunDue: nextRunDue(regular),
    series: seriesOf(records, database, policy.anomalies, now, { fromMs, count: shownLimits.points }),
    holdings: holdingsOf(known, records),
    attempts: newestFirst.filter(isWorthShowing).slice(0, shownLimits.attempts).map(attemptOf),
    restoreTests: newestFirst
      .filter((record) => record.verb === 'restore-test')
      .slice(0, shownLimits.restoreTests)
      .map((record) => ({ ...attemptOf(record), result: record.result, namedTables: compared(record) })),
  };
}

/** A heartbeat that was sent is no news, and there are two to each backup. */
function isWorthShowing(record: LedgerRecord): boolean {
  return !(
    record.verb === 'alert' &&
    record.result?.channel === 'heartbeat' &&
    record.outcome === 'succeeded'
  );
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
