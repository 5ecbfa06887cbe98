import type { LedgerRecord } from '../ledger/record.ts';
import { evaluate, type HealthState, type Reason } from './evaluate.ts';
import { type DatabaseFacts, gatherFacts } from './facts.ts';
import type { Policy } from './policy.ts';
import { slidingWindow } from './window.ts';

/**
 * How health was over time, found by judging the ledger again as it stood at each moment of the past: the bar of days
 * and the list of incidents both come from here, so that they can't tell different stories.
 */

/** A time in which state and reasons stayed the same. */
export interface Stretch {
  fromMs: number;
  toMs: number;
  state: HealthState;
  reasons: Reason[];
}

/**
 * The stretches of one database, oldest first and without gaps. Before its first record there is none: nothing was
 * known, which is neither good nor bad.
 *
 * @param records of this database, in any order
 * @param range milliseconds since the epoch; the last stretch ends at its end
 */
export function timelineOf(
  records: readonly LedgerRecord[],
  database: string,
  policy: Policy,
  range: { fromMs: number; toMs: number },
): Stretch[] {
  const inTime = records.toSorted((a, b) => (a.finishedAt < b.finishedAt ? -1 : 1));
  const known = slidingWindow();
  const stretches: Stretch[] = [];
  let facts: DatabaseFacts[] | null = null;
  for (const [index, record] of inTime.entries()) {
    known.push(record);
    if (facts?.[0]?.futureDated || !changesNothing(record)) facts = null;
    const fromMs = Math.max(Date.parse(record.finishedAt), range.fromMs);
    const next = inTime[index + 1];
    const toMs = Math.min(next ? Date.parse(next.finishedAt) : range.toMs, range.toMs);
    if (toMs <= fromMs) continue;
    facts ??= gatherFacts(known.records(), [database], { now: fromMs });
    // Between two records only the clock moves, from one deadline to the next.
    for (let atMs = fromMs; atMs < toMs; ) {
      const { state, reasons, validUntil } = evaluate(facts, policy, atMs);
      const endMs = validUntil === null ? toMs : Math.min(Date.parse(validUntil) + 1, toMs);
      extend(stretches, { fromMs: atMs, toMs: endMs, state, reasons });
      atMs = endMs;
    }
  }
  return stretches;
}

/** Most records of a ledger are heartbeats: no fact depends on them, as long as no clock is wrong. */
function changesNothing({ verb }: LedgerRecord): boolean {
  return verb === 'alert' || verb === 'hold' || verb === 'review' || verb === 'export';
}

function extend(stretches: Stretch[], next: Stretch): void {
  const last = stretches.at(-1);
  if (last && keyOf(last) === keyOf(next)) last.toMs = next.toMs;
  else stretches.push(next);
}

function keyOf({ state, reasons }: Stretch): string {
  return [state, ...reasons.map((reason) => reason.code)].join(' ');
}
