import { Command, InvalidArgumentError } from 'commander';
import { summarise } from '../backup.ts';
import { duration } from '../config/duration.ts';
import { copyNewestMissing } from '../copy-missing.ts';
import { reasonNotDue } from '../due.ts';
import { backupWithHeartbeat } from '../heartbeat.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type TakenBackup, takeBackup } from '../take-backup.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function backupCommand(signal: AbortSignal): Command {
  return new Command('backup')
    .description('take a backup of one database, or of all')
    .option('--database <name>', 'only this one')
    .option('--trigger <text>', 'what to record as the reason')
    .option('--if-older-than <time>', 'only when the newest good backup is older, such as 18h', parseDuration)
    .action(
      async (options: CommonOptions & { database?: string; trigger?: string; ifOlderThan?: number }) => {
        const { config, deps: all } = await openContext(options, signal);
        const results: (TakenBackup | { database: string; skipped: string })[] = [];
        for (const database of chosenDatabases(config, options)) {
          const deps = forDatabase(all, config, database);
          const skip = await reasonNotDue(deps, database, {
            olderThanMs: options.ifOlderThan ?? null,
            event: options.trigger ?? null,
          });
          if (skip) {
            results.push({ database, skipped: skip });
            if (!options.json) print(`${database}: skipped, ${skip}`);
            continue;
          }
          const result = await backupWithHeartbeat(deps, { config, database, env: process.env }, () =>
            takeBackup(deps, config, database, process.env),
          );
          results.push(result);
          if ('inDatabase' in result) {
            if (!options.json)
              print(`${database}: backup ${result.crmBackupId}, inside its own database only`);
            continue;
          }
          await copyNewestMissing(deps, database);
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
