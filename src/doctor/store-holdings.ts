import { backupsOf } from '../health/backups.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { describeLack } from '../store/missing.ts';
import type { Store } from '../store/store.ts';
import { surveyStores } from '../store/survey.ts';
import { type Finding, ok, problem } from './finding.ts';

/**
 * Whether a store holds what the ledger says that it was given. A store that can't be listed has no finding here: the probe
 * has one.
 *
 * @param databases those whose backups it takes
 * @param now milliseconds since the epoch
 */
export async function checkHoldings(
  about: string,
  store: Store,
  records: readonly LedgerRecord[],
  databases: readonly string[],
  now: number,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const database of databases) {
    const known = backupsOf(records.filter((record) => record.database === database));
    const { backups, lacking, unreachable } = await surveyStores([store], database, known, now);
    if (unreachable.length > 0) return [];
    for (const lack of lacking) {
      const advice =
        'Check where the store is: a moved folder, a missing mount, another prefix or bucket. `holdfast copy` brings single backups back from another store.';
      findings.push(problem(about, describeLack(database, lack), advice));
    }
    const there = new Set(backups.map(({ id }) => id));
    const held = known.filter(({ id, stores }) => stores.includes(store.name) && there.has(id)).length;
    if (lacking.length === 0 && held > 0)
      findings.push(
        ok(
          about,
          `It holds ${held === 1 ? 'the one backup' : `all ${held} backups`} of ${database} that the ledger knows of.`,
        ),
      );
  }
  return findings;
}
