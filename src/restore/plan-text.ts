import { counted, formatBytes, formatDuration, table } from '../lib/format.ts';
import type { RestorePlan } from './plan.ts';

const shownRows = 30;

/** The plan for whoever has to confirm it. */
export function describePlan(plan: RestorePlan): string {
  const { target } = plan;
  const same =
    target.isSource === null
      ? ''
      : target.isSource
        ? ' — the database this backup was taken of'
        : ' — not the database this backup was taken of';
  const count = (rows: number | null) => (rows === null ? '–' : rows.toLocaleString('en'));
  const changed = plan.tables.filter(({ rowsNow, rowsAfter }) => rowsNow !== rowsAfter);
  const rows = changed
    .slice(0, shownRows)
    .map(({ name, rowsNow, rowsAfter }) => [name, count(rowsNow), count(rowsAfter)]);
  const lines = [
    `Plan: restore ${plan.backupId}, mode ${plan.mode}`,
    `  target   ${target.databaseName} on ${target.host}, PostgreSQL ${target.serverVersion}, ${formatBytes(target.sizeBytes)}${same}`,
    `  proof    ${plan.proof}`,
    `  time     ${plan.estimatedMs === null ? 'unknown: no restore test yet' : `about ${formatDuration(plan.estimatedMs)}, as in the last restore test`}, plus a backup ${target.isEmpty ? 'after' : 'before and after'}`,
    `  locks    ${locksOf(plan)}`,
    `  tables   ${plan.tables.length}, ${changesOf(changed.length)}`,
  ];
  if (rows.length > 0)
    lines.push(
      table([['  table', 'rows now', 'rows after'], ...rows.map((row) => [`  ${row[0]}`, row[1]!, row[2]!])]),
    );
  if (plan.vanishing.length > 0) {
    lines.push(
      `  would vanish: ${counted(plan.vanishing.length, 'object')}`,
      ...plan.vanishing.slice(0, shownRows).map((key) => `    ${key.replace('|', ' ')}`),
    );
  }
  for (const { kind, lost, gained, changed } of plan.objects) {
    const parts = [`${count(lost)} lost`, `${count(gained)} gained`, `${count(changed)} changed`];
    lines.push(`  objects  ${kind}: ${parts.filter((part) => !/^[0–] /.test(part)).join(', ')}`);
  }
  for (const { pid, application, state, transactionAgeSeconds } of plan.sessions) {
    const age =
      transactionAgeSeconds === null
        ? ''
        : `, in a transaction for ${formatDuration(transactionAgeSeconds * 1000)}`;
    lines.push(`  session  ${pid} ${application || 'unnamed'} (${state}${age})`);
  }
  for (const problem of plan.problems) lines.push(`  PROBLEM  ${problem}`);
  return lines.join('\n');
}

function changesOf(changed: number): string {
  if (changed === 0) return 'none of which changes its number of rows';
  const verb = changed === 1 ? 'changes its' : 'change their';
  return `of which ${changed} ${verb} number of rows${changed > shownRows ? ` (the first ${shownRows})` : ''}:`;
}

function locksOf({ locks }: RestorePlan): string {
  if (!locks) return 'the tables to restore, until it is done';
  const [needed, room] = [locks.needed, locks.room].map((locks) => locks.toLocaleString('en'));
  const advice =
    locks.needed > locks.room ? `; max_locks_per_transaction = ${locks.suggested} is sure to do` : '';
  return `every table of the target, until it is done: about ${needed}, with room for ${room}${advice}`;
}
