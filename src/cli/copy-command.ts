import { Command } from 'commander';
import { copy } from '../copy.ts';
import { formatBytes } from '../lib/format.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function copyCommand(signal: AbortSignal): Command {
  return new Command('copy')
    .description('bring a store a copy of a backup that another store has; needs no identity')
    .argument('<id>', 'the id of a backup')
    .requiredOption('--to <store>', 'the store that is to have it')
    .option('--from <store>', 'the store to read from; left out: any with a sound copy')
    .action(async (id: string, options: CommonOptions & { to: string; from?: string }) => {
      const { config, deps } = await openContext(options, signal);
      const [database] = chosenDatabases(config, { id });
      const { made } = await copy(forDatabase(deps, config, database!), {
        database: database!,
        id,
        to: options.to,
        from: options.from ?? null,
      });
      if (options.json) return printJson({ id, to: options.to, made });
      if (made) print(`${id} is in ${options.to} now: ${formatBytes(made.copy.sizeBytes)} from ${made.from}`);
      else print(`Store ${options.to} holds ${id} already.`);
    });
}
