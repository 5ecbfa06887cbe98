import { rungs } from '../ledger/words.ts';
import { type Candidate, planRetention, type RetentionPlan } from './plan.ts';
import type { RetentionPolicy } from './policy.ts';

/**
 * Plans with one backup of each snapshot. One that was encrypted again lies beside the one it was made of for a while;
 * counted twice, it would take the place of another night. The others of a snapshot share the fate of the one that counts.
 */
export function planSnapshots(
  backups: readonly Candidate[],
  policy: RetentionPolicy,
  now: number,
): RetentionPlan {
  const snapshots = Map.groupBy(backups, ({ id, rekeyedFrom }) => rekeyedFrom ?? id);
  const twins = new Map<string, Candidate[]>();
  const counted = [...snapshots.values()].map((same) => {
    const [best, ...others] = same.toSorted((a, b) => worth(b) - worth(a));
    twins.set(best!.id, others);
    // What somebody holds is held whichever of them it was said of.
    return { ...best!, held: same.find(({ held }) => held !== null)?.held ?? null };
  });
  const plan = planRetention(counted, policy, now);
  return {
    keep: plan.keep.flatMap((kept) => [
      kept,
      ...twins.get(kept.id)!.map(({ id }) => ({ id, reasons: [`the same snapshot as ${kept.id}`] })),
    ]),
    delete: plan.delete.flatMap((deleted) => [
      deleted,
      ...twins.get(deleted.id)!.map(({ id, sizeBytes }) => ({
        id,
        sizeBytes,
        reason: `the same snapshot as ${deleted.id}`,
      })),
    ]),
  };
}

function worth({ state, rung }: Candidate): number {
  return (state === 'good' ? rungs.length : 0) + rungs.indexOf(rung);
}
