import { Command } from 'commander';
import { accept } from '../accept.ts';
import { explainFinding } from '../health/anomaly/explain.ts';
import { ConfigError } from '../lib/errors.ts';
import { chosenDatabases } from '../open.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function acceptCommand(signal: AbortSignal): Command {
  return new Command('accept')
    .description('vouch for an unusual backup: it counts as good, and what comes after is compared with it')
    .argument('[id]', 'an id, or latest: the newest unusual one', 'latest')
    .option('--database <name>', 'whose latest')
    .requiredOption('--reason <text>', 'why it is as it should be; published with the ledger')
    .action(async (id: string, options: CommonOptions & { database?: string; reason: string }) => {
      const { config, deps } = await openContext(options, signal);
      const databases = chosenDatabases(config, { ...options, id });
      if (databases.length > 1) {
        throw new ConfigError('Whose latest backup is to be accepted?', {
          hint: `Add --database ${databases[0]}, or give the id of the backup.`,
          publicReason: 'no database was named',
        });
      }
      const result = await accept(deps, { database: databases[0]!, id, reason: options.reason });
      if (options.json) return printJson(result);
      print(`${result.id} is accepted.`);
      for (const finding of result.anomaly.findings) print(`  ${explainFinding(finding)}`);
      const still = result.stillQuarantined;
      if (still.length > 0) print(`  Still in quarantine: ${still.join(', ')}`);
    });
}
