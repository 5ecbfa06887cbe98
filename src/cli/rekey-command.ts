import { Command } from 'commander';
import { counted, formatBytes, table } from '../lib/format.ts';
import { backupSettings, chosenDatabases, forDatabase } from '../open.ts';
import { type RekeyResult, rekey } from '../rekey.ts';
import type { SnapshotPlan } from '../rekey-plan.ts';
import { type CommonOptions, openContext, readIdentities } from './context.ts';
import { print, printJson } from './output.ts';

interface Options extends CommonOptions {
  database?: string;
  apply?: boolean;
  keepOld?: boolean;
  identityFile?: string;
  newIdentityFile?: string;
}

export function rekeyCommand(signal: AbortSignal): Command {
  return new Command('rekey')
    .description(
      'show which backups are for other recipients than are configured; with --apply, encrypt them again',
    )
    .option('--database <name>', 'only this one')
    .option('--apply', 'encrypt them again; without it nothing is changed')
    .option('--keep-old', 'leave the old archives beside the new ones')
    .option('--identity-file <file>', 'the old identities, which read; a line each')
    .option(
      '--new-identity-file <file>',
      'an identity of the new recipients, which proves that they can read',
    )
    .action(async (options: Options) => {
      const { config, deps } = await openContext(options, signal);
      const identities = [
        ...(readIdentities(options.identityFile, process.env) ?? []),
        ...(options.newIdentityFile ? readIdentities(options.newIdentityFile, process.env)! : []),
      ];
      const results: ({ database: string } & RekeyResult)[] = [];
      let failure: unknown = null;
      for (const database of chosenDatabases(config, options)) {
        try {
          const done = await rekey(forDatabase(deps, config, database), {
            database,
            recipients: backupSettings(config, database, process.env).recipients,
            identities,
            apply: options.apply ?? false,
            keepOld: options.keepOld ?? false,
            onPlan: (plan) => options.json || print(describe(database, plan)),
          });
          results.push({ database, ...done });
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure) throw failure;
      if (options.json) return printJson({ applied: options.apply ?? false, databases: results.map(asJson) });
      if (!options.apply) print('Nothing was changed. With --apply it is.');
      else for (const result of results) print(summary(result));
    });
}

function describe(database: string, plan: readonly SnapshotPlan[]): string {
  const bytesOf = ({ sources }: SnapshotPlan) => sources[0]?.receipt.archive.sizeBytes ?? 0;
  const again = plan.filter(({ action }) => action === 'rekey');
  const total = formatBytes(again.reduce((sum, each) => sum + bytesOf(each), 0));
  const words = { rekey: 'encrypt again', finish: 'remove', current: 'leave', skip: 'skip' };
  const idsOf = ({ action, id, others }: SnapshotPlan) =>
    action === 'finish' ? others.map((each) => each.id).join(', ') : id;
  const rows = plan.map((each) => [words[each.action], idsOf(each), each.why]);
  return [
    `${database}: ${again.length} of ${plan.length} backups to encrypt again (${total})`,
    ...(rows.length > 0 ? [table(rows)] : []),
    '',
  ].join('\n');
}

function summary({ database, rekeyed, removed }: { database: string } & RekeyResult): string {
  const gone = counted(removed.length, 'old archive');
  return `${database}: ${counted(rekeyed.length, 'backup')} encrypted again; ${gone} removed from its stores`;
}

function asJson({ database, plan, rekeyed, removed }: { database: string } & RekeyResult) {
  return {
    database,
    plan: plan.map(({ id, action, why, current }) => ({ id, action, why, current: current?.id ?? null })),
    rekeyed,
    removed,
  };
}
