import { Command } from 'commander';
import { hold } from '../hold.ts';
import { ConfigError } from '../lib/errors.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function holdCommand(signal: AbortSignal): Command {
  return new Command('hold')
    .description('keep a backup from being pruned, whatever the rules say, or let go of it')
    .argument('<id>', 'the id of a backup')
    .option('--reason <text>', 'why; published with the ledger')
    .option('--release', 'let go of it')
    .action(async (id: string, options: CommonOptions & { reason?: string; release?: boolean }) => {
      const held = !options.release;
      if (held && options.reason === undefined) {
        throw new ConfigError('Why is it to be held?', {
          hint: 'Add --reason TEXT; it is published with the ledger.',
          publicReason: 'a hold was given no reason',
        });
      }
      const { config, deps } = await openContext(options, signal);
      const [database] = chosenDatabases(config, { id });
      const reason = options.reason ?? 'released';
      await hold(forDatabase(deps, config, database!), { database: database!, id, held, reason });
      if (options.json) printJson({ id, held, reason });
      else print(held ? `${id} is held: ${reason}` : `${id} is no longer held.`);
    });
}
