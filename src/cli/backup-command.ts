import { Command, InvalidArgumentError } from 'commander';
import { type BackupResult, backup, summarise } from '../backup.ts';
import { duration } from '../config/duration.ts';
import { gatherFacts } from '../health/facts.ts';
import { formatDuration } from '../lib/format.ts';
import { sourceOptions } from '../open.ts';
import { type CommonOptions, chosenDatabases, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function backupCommand(signal: AbortSignal): Command {
  return new Command('backup')
    .description('take a backup of one database, or of all')
    .option('--database <name>', 'only this one')
    .option('--trigger <text>', 'what to record as the reason')
    .option('--if-older-than <time>', 'only when the newest good backup is older, such as 18h', parseDuration)
    .action(
      async (options: CommonOptions & { database?: string; trigger?: string; ifOlderThan?: number }) => {
        const { config, deps } = openContext(options, signal);
        const results: (BackupResult | { database: string; skipped: string })[] = [];
        for (const database of chosenDatabases(config, options)) {
          const skip =
            options.ifOlderThan === undefined
              ? null
              : await reasonToSkip(deps, database, options.ifOlderThan);
          if (skip) {
            results.push({ database, skipped: skip });
            if (!options.json) print(`${database}: skipped, ${skip}`);
            continue;
          }
          const result = await backup(deps, sourceOptions(config, database, process.env));
          results.push(result);
          if (!options.json) print(`${result.id}\n  ${summarise(result)}`);
        }
        if (options.json) printJson({ backups: results });
      },
    );
}

function parseDuration(text: string): number {
  const parsed = duration.safeParse(text);
  if (!parsed.success) throw new InvalidArgumentError('It is a time such as 90s, 30m, 18h or 2d.');
  return parsed.data;
}

async function reasonToSkip(
  deps: ReturnType<typeof openContext>['deps'],
  database: string,
  olderThanMs: number,
) {
  const [facts] = gatherFacts((await deps.ledger.read()) ?? [], [database]);
  if (!facts?.newestGood) return null;
  const ageMs = deps.now() - Date.parse(facts.newestGood.snapshotAt);
  return ageMs > olderThanMs ? null : `${facts.newestGood.id} is only ${formatDuration(ageMs)} old`;
}
