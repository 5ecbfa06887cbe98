import { type Rung, rungs } from '../../src/ledger/record.ts';
import type { ShownBackup } from './status.ts';

type Reached = ShownBackup['reached'][number];

export interface LadderStep {
  rung: Rung;
  meaning: string;
  /** Null while it was not reached. */
  first: Reached | null;
  /** The newest proof, when there was more than one. */
  again: Reached | null;
}

const meanings: Record<Rung, string> = {
  stored: 'The receipt and the full size are in the store.',
  intact: 'The stored bytes were read back and match their digest.',
  readable: 'It was decrypted, and every entry’s digest and row count match the manifest.',
  restored: 'It was rebuilt in a scratch database: schema and every table’s content equal the source’s.',
};

export { meanings, rungs };

/** The four rungs of a backup, highest first. Whoever stands on a rung has climbed those below it. */
export function ladderOf(backup: Pick<ShownBackup, 'reached'>): LadderStep[] {
  const inTime = backup.reached.toSorted((a, b) => a.at.localeCompare(b.at));
  return rungs
    .map((rung, height) => {
      const proofs = inTime.filter((each) => rungs.indexOf(each.rung) >= height);
      const again = proofs.length > 1 ? (proofs.at(-1) ?? null) : null;
      return { rung, meaning: meanings[rung], first: proofs[0] ?? null, again };
    })
    .reverse();
}
