import { type Rung, rungs } from '../../src/ledger/record.ts';
import type { ShownBackup } from './status.ts';

type Reached = ShownBackup['reached'][number];

export interface LadderStep {
  rung: Rung;
  /** Null while it was not reached. */
  first: Reached | null;
  /** The newest proof, when there was more than one. */
  again: Reached | null;
}

/** The four rungs of a backup, highest first. Whoever stands on a rung has climbed those below it. */
export function ladderOf(backup: Pick<ShownBackup, 'reached'>): LadderStep[] {
  const inTime = backup.reached.toSorted((a, b) => a.at.localeCompare(b.at));
  return rungs
    .map((rung, height) => {
      const proofs = inTime.filter((each) => rungs.indexOf(each.rung) >= height);
      const again = proofs.length > 1 ? (proofs.at(-1) ?? null) : null;
      return { rung, first: proofs[0] ?? null, again };
    })
    .reverse();
}
