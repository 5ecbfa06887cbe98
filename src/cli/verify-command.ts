import { Command } from 'commander';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type VerifyResult, verify } from '../verify.ts';
import { type CommonOptions, openContext, readIdentities } from './context.ts';
import { print, printJson } from './output.ts';

export function verifyCommand(signal: AbortSignal): Command {
  return new Command('verify')
    .description('read backups back from their stores and check every byte and row')
    .argument('[id]', 'a backup id, or "latest": the newest good one', 'latest')
    .option('--all', 'every backup')
    .option('--database <name>', 'only this one')
    .option(
      '--identity-file <file>',
      'age identity; without one, encrypted backups are checked as bytes only',
    )
    .action(
      async (
        id: string,
        options: CommonOptions & { all?: boolean; database?: string; identityFile?: string },
      ) => {
        const { config, deps } = await openContext(options, signal);
        const identities = readIdentities(options.identityFile, process.env);
        const checked: VerifyResult['checked'] = [];
        for (const database of chosenDatabases(config, { ...options, id })) {
          const result = await verify(forDatabase(deps, config, database), {
            database,
            id,
            all: options.all ?? false,
            identities,
          });
          checked.push(...result.checked);
        }
        if (options.json) return printJson({ checked });
        for (const { id, store, rung } of checked) print(`${id} in ${store}: ${rung}`);
        if (checked.some(({ rung }) => rung === 'intact')) {
          deps.progress.warn(
            'Without an identity only the stored bytes were checked. Give --identity-file FILE to read them.',
          );
        }
      },
    );
}
