import type { Anomaly, AnomalyFinding } from '../../ledger/record.ts';
import type { Measured, PastBackup } from './history.ts';
import type { AnomalyPolicy } from './policy.ts';
import { median } from './statistics.ts';
import { isFarBelow, scaleOf } from './totals.ts';

/** The last so many backups in which a table must have had rows for its emptiness to mean loss. */
const lately = 3;
/** In the ledger they are listed by name of their pseudonym up to so many. */
const worstListed = 10;

interface LostTable {
  table: string;
  rows: number | null;
  median: number;
  /** Below this it was noticed. */
  least: number;
}

/** Findings on single tables, and how far tables could be compared; `baseline` oldest first. */
export function judgeTables(
  candidate: Measured,
  baseline: readonly PastBackup[],
  policy: AnomalyPolicy,
): { tables: Anomaly['tables']; findings: AnomalyFinding[] } {
  if (candidate.tables === 0) return { tables: 'unknown', findings: noTables(baseline) };
  const { tableRows: now, pseudonymKey } = candidate;
  const past = baseline.filter((each) => each.tableRows !== null && each.pseudonymKey === pseudonymKey);
  if (now === null || pseudonymKey === null || past.length === 0) {
    const moved = pseudonymKey !== null && baseline.some((each) => each.pseudonymKey !== null);
    return { tables: moved ? 'other-server' : 'unknown', findings: fewerFilled(candidate, baseline, policy) };
  }
  const lost = { quarantine: [] as LostTable[], warning: [] as LostTable[] };
  const renamed: LostTable[] = [];
  const shrunk: LostTable[] = [];
  const fresh = newTables(now, past, policy);
  for (const table of Object.keys(past.at(-1)!.tableRows!)) {
    const seen = past.map((each) => each.tableRows![table] ?? 0);
    const known = seen.slice(seen.findIndex((rows) => rows >= policy.minRows));
    const recent = seen.slice(-lately);
    const usual = median(recent);
    const rows = now[table] ?? null;
    const before = seen.at(-1)!;
    if (candidate.neverEmpty?.has(table) && !rows && before > 0) {
      lost.quarantine.push({ table, rows, median: before, least: 1 });
      continue;
    }
    if (recent.some((each) => each < policy.minRows) || candidate.leftOut?.has(table)) continue;
    if (rows === null && takeRenamed(fresh, usual)) {
      renamed.push({ table, rows, median: usual, least: policy.minRows });
    } else if ((rows ?? 0) === 0) {
      // One that is emptied now and then, such as a queue, is only worth a look.
      const isSteady = known.every((each) => each >= policy.minRows);
      lost[isSteady ? 'quarantine' : 'warning'].push({ table, rows, median: usual, least: policy.minRows });
    } else {
      const middle = known.length < policy.coldStart ? known.at(-1)! : median(known);
      const scale = known.length < policy.coldStart ? 0 : scaleOf(known, policy.minRows);
      const least = middle - Math.max(policy.z * scale, policy.tableShrink * middle, policy.minRows);
      if (rows! < least && isFarBelow(rows!, middle, known, policy.tableShrink)) {
        shrunk.push({ table, rows, median: middle, least });
      }
    }
  }
  const n = past.length;
  return {
    tables: 'compared',
    findings: [
      ...summed('emptied', 'quarantine', lost.quarantine, n),
      ...summed('emptied', 'warning', lost.warning, n),
      ...summed('shrink', 'warning', shrunk, n),
      ...summed('renamed', 'info', renamed, n),
    ],
  };
}

/** Rows of the tables that no earlier backup had. */
function newTables(
  now: Readonly<Record<string, number>>,
  past: readonly PastBackup[],
  policy: AnomalyPolicy,
) {
  const known = new Set(past.flatMap((each) => Object.keys(each.tableRows!)));
  return Object.entries(now)
    .filter(([table, rows]) => !known.has(table) && rows >= policy.minRows)
    .map(([, rows]) => rows);
}

/** A table that is gone while a new one has as many rows, give or take a tenth, has another name now. */
function takeRenamed(fresh: number[], usual: number): boolean {
  const index = fresh.findIndex((rows) => Math.abs(rows - usual) <= 0.1 * usual);
  if (index === -1) return false;
  fresh.splice(index, 1);
  return true;
}

/** One finding for all tables of one fate: the ledger is no place for hundreds. */
function summed(
  rule: AnomalyFinding['rule'],
  severity: AnomalyFinding['severity'],
  lost: readonly LostTable[],
  n: number,
): AnomalyFinding[] {
  if (lost.length === 0) return [];
  const sum = (of: (table: LostTable) => number) => lost.reduce((total, table) => total + of(table), 0);
  const loss = ({ rows, median: usual }: LostTable) => usual - (rows ?? 0);
  const worst = lost.toSorted((a, b) => loss(b) - loss(a)).slice(0, worstListed);
  return [
    {
      series: 'tableRows',
      rule,
      severity,
      value: sum((table) => table.rows ?? 0),
      median: sum((table) => table.median),
      expected: [sum((table) => table.least), null],
      z: null,
      n,
      tables: {
        count: lost.length,
        worst: worst.map(({ table, rows, median: usual }) => ({ table, rows, median: usual })),
      },
    },
  ];
}

/** A database without a table is hardly ever meant to be backed up: rather the wrong one, or everything dropped. */
function noTables(baseline: readonly PastBackup[]): AnomalyFinding[] {
  // What was accepted as empty may stay so.
  if (baseline.at(-1)?.tables === 0) return [];
  const before = baseline.at(-1)?.tables ?? 1;
  return [
    {
      series: 'tables',
      rule: 'no-tables',
      severity: 'quarantine',
      value: 0,
      median: before,
      expected: [1, null],
      z: null,
      n: baseline.length,
      tables: null,
    },
  ];
}

/** Without pseudonyms: fewer tables with a row than in any of the last three, and fewer rows. Which one is not known. */
function fewerFilled(candidate: Measured, baseline: readonly PastBackup[], policy: AnomalyPolicy) {
  const filledOf = ({ tables, emptyTables }: Measured) =>
    emptyTables === null ? null : tables - emptyTables;
  const recent = baseline.slice(-lately);
  const past = recent.map(filledOf).filter((each) => each !== null);
  const value = filledOf(candidate);
  if (value === null || past.length === 0 || past.length < recent.length) return [];
  const least = Math.min(...past);
  if (value >= least || recent.at(-1)!.rows - candidate.rows < policy.minRows) return [];
  const finding: AnomalyFinding = {
    series: 'filledTables',
    rule: 'emptied',
    severity: 'warning',
    value,
    median: median(past),
    expected: [least, null],
    z: null,
    n: past.length,
    tables: null,
  };
  return [finding];
}
