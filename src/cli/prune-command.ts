import { Command } from 'commander';
import { formatBytes, table } from '../lib/format.ts';
import { chosenDatabases, forDatabase, policiesOf } from '../open.ts';
import { prune, type StorePruning } from '../prune.ts';
import type { Assessment } from '../retention/assess.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

interface Options extends CommonOptions {
  database?: string;
  apply?: boolean;
  allowLarge?: boolean;
}

export function pruneCommand(signal: AbortSignal): Command {
  return new Command('prune')
    .description('show what the rules of retention keep and delete; with --apply, delete it')
    .option('--database <name>', 'only this one')
    .option('--apply', 'delete; without it nothing is changed')
    .option('--allow-large', 'even if it is more than half of the backups')
    .action(async (options: Options) => {
      const { config, deps } = await openContext(options, signal);
      const results: ({ database: string } & StorePruning)[] = [];
      let failure: unknown = null;
      for (const database of chosenDatabases(config, options)) {
        try {
          const pruned = await prune(forDatabase(deps, config, database), {
            database,
            policyOf: policiesOf(config),
            apply: options.apply ?? false,
            allowLarge: options.allowLarge ?? false,
            onPlan: (assessment) => options.json || print(describe(database, assessment)),
          });
          results.push(...pruned.map((each) => ({ database, ...each })));
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure) throw failure;
      if (options.json) return printJson({ applied: options.apply ?? false, stores: results });
      if (options.apply) for (const result of results) print(summary(result));
      else print('Nothing was deleted. With --apply it is.');
    });
}

function describe(database: string, { store, plan, refusals, notes, leftovers }: Assessment): string {
  const freed = plan.delete.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const rows = [
    ...plan.delete.map(({ id, reason }) => ['delete', id, reason]).reverse(),
    ...leftovers.map(({ id, why }) => ['clear away', id, why]),
    ...plan.keep.map(({ id, reasons }) => ['keep', id, reasons.join('; ')]),
  ];
  return [
    `${database} in ${store.name}: keeps ${plan.keep.length}, deletes ${plan.delete.length} (${formatBytes(freed)})`,
    ...(rows.length > 0 ? [table(rows)] : []),
    ...refusals.map(({ text }) => `! refuses: ${text}`),
    ...notes.map((note) => `! ${note}`),
    '',
  ].join('\n');
}

function summary({
  database,
  store,
  deleted,
  freedBytes,
  locked,
}: { database: string } & StorePruning): string {
  const still = locked.length > 0 ? `, ${locked.length} still locked` : '';
  return `${database} in ${store}: ${deleted.length} deleted, ${formatBytes(freedBytes)} freed${still}`;
}
