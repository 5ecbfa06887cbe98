import type { Deps } from '../deps.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import type { ActionContext } from './run.ts';

/**
 * Does something for each database that is meant. One that fails does not keep the others from their turn; the action then
 * fails with the first failure.
 *
 * @param id of a backup, which belongs to one database; null: no backup was named
 */
export async function forEachDatabase(
  context: ActionContext<unknown>,
  id: string | null,
  work: (database: string, deps: Deps) => Promise<void>,
): Promise<void> {
  const { config, inputs, deps } = context;
  const choice = { ...(inputs.database ? { database: inputs.database } : {}), ...(id ? { id } : {}) };
  const failures: unknown[] = [];
  for (const database of chosenDatabases(config, choice)) {
    try {
      await work(database, forDatabase(deps, config, database));
    } catch (error) {
      // Whoever catches the first tells it; the others would stay unsaid.
      if (failures.length > 0) deps.progress.warn(`${database}: ${(error as Error).message}`);
      failures.push(error);
      if (deps.signal.aborted) break;
    }
  }
  if (failures.length > 0) throw failures[0];
}
