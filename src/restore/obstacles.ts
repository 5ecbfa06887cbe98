import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { ConfigError } from '../lib/errors.ts';
import type { SourceTable } from '../source/postgres/catalog.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { missingForReplace } from './check-rights.ts';
import { missingForTables } from './check-table-rights.ts';
import type { ChosenTables } from './choose-tables.ts';
import { type LocksNeeded, lackOfLocks, locksNeeded } from './locks-needed.ts';
import { tablesThatDiffer } from './tables-that-differ.ts';

export interface Obstacles {
  /** Null with mode `tables`. */
  locks: LocksNeeded | null;
  /** What would stop the restore on its way, in plain words. It is not begun while there is any. */
  problems: string[];
}

/** What would stop a restore on its way, asked before anything is touched. */
export async function findObstacles(
  client: pg.ClientBase,
  backup: { manifest: Manifest; fingerprint: Fingerprint },
  chosen: ChosenTables | null,
  target: { tables: readonly SourceTable[]; isEmpty: boolean },
): Promise<Obstacles> {
  if (chosen) {
    const problems = [
      ...tablesThatDiffer(chosen, target.tables),
      ...(await missingForTables(client, chosen)),
    ];
    return { locks: null, problems };
  }
  const locks = await locksNeeded(client, backup, !target.isEmpty);
  const lack = lackOfLocks(locks);
  return { locks, problems: [...(await missingForReplace(client, backup)), ...(lack ? [lack] : [])] };
}

/** @throws ConfigError naming all that would stop the restore on its way */
export function refuseProblems(plan: Pick<Obstacles, 'problems'>): void {
  if (plan.problems.length === 0) return;
  throw new ConfigError(
    `The restore could not succeed: ${plan.problems.join('; ')}. The target is as it was.`,
    {
      hint: 'Mend that first, or restore as another role; --plan shows the list again and changes nothing.',
      publicReason: 'the target or the restoring role lacks what the restore needs',
    },
  );
}
