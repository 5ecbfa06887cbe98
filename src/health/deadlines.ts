import { thresholdsOf } from './evaluate.ts';
import type { DatabaseFacts } from './facts.ts';
import type { Policy } from './policy.ts';

const hourMs = 3_600_000;

/** Absolute times, so that a reader who computes nothing but the present can tell whether a document is out of date. */
export interface Deadlines {
  /** Snapshot of the newest good backup; of several databases the oldest one. Null when any has none. */
  lastGoodAt: string | null;
  /** Both null with it. */
  lateAfter: string | null;
  criticalAfter: string | null;
}

/** The deadlines of one database, or of several as one: the first to come. */
export function deadlinesOf(facts: readonly DatabaseFacts[], policy: Policy): Deadlines {
  const each = facts.map(({ database, newestGood }) => {
    if (newestGood === null) return null;
    const { lateAfterHours, criticalAfterHours } = thresholdsOf(policy, database);
    const snapshotMs = Date.parse(newestGood.snapshotAt);
    const after = (hours: number) => new Date(snapshotMs + hours * hourMs).toISOString();
    return {
      lastGoodAt: newestGood.snapshotAt,
      lateAfter: after(lateAfterHours),
      criticalAfter: after(criticalAfterHours),
    };
  });
  const first = (field: keyof Deadlines) =>
    each.includes(null) ? null : (each.map((one) => one![field]).sort()[0] ?? null);
  return {
    lastGoodAt: first('lastGoodAt'),
    lateAfter: first('lateAfter'),
    criticalAfter: first('criticalAfter'),
  };
}
