import { Command } from 'commander';
import { chosenDatabases } from '../open.ts';
import { notRebuilt, rebuildLedger } from '../rebuild-ledger.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function ledgerCommand(signal: AbortSignal): Command {
  const rebuild = new Command('rebuild')
    .description('put backups of the stores into the ledger that it does not know, from their receipts')
    .option('--database <name>', 'only this one')
    .option('--discard-damaged', 'keep damaged files of the ledger aside and go on with their sound lines')
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<
        CommonOptions & { database?: string; discardDamaged?: boolean }
      >();
      const { config, deps } = await openContext(options, signal);
      const result = await rebuildLedger(deps, {
        databases: chosenDatabases(config, options),
        discardDamaged: options.discardDamaged ?? false,
      });
      if (options.json) return printJson({ ...result, notRebuilt });
      for (const id of result.added) print(`added ${id}`);
      print(`${result.added.length} added, ${result.known} known already, ${result.unfit.length} left out.`);
      print(notRebuilt);
    })
    .exitOverride();
  return new Command('ledger').description('the history of every attempt').addCommand(rebuild);
}
