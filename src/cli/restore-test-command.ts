import { Command } from 'commander';
import { formatDuration, rowsInTables } from '../lib/format.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type RestoreTestResult, restoreTest } from '../restore-test.ts';
import type { ScratchPlace } from '../scratch/open.ts';
import { type CommonOptions, openContext, placeOf, readIdentities } from './context.ts';
import { print, printJson } from './output.ts';

export function restoreTestCommand(signal: AbortSignal): Command {
  return new Command('restore-test')
    .description('rebuild a backup in a scratch database and compare every row')
    .argument('[id]', 'a backup id, or "latest": the newest good one', 'latest')
    .option(
      '--scratch <place>',
      '"embedded", or the URL of an empty database, or a variable that holds one',
      'embedded',
    )
    .option('--trust-archive', 'take an archive that the ledger does not vouch for')
    .option('--database <name>', 'only this one')
    .option('--identity-file <file>', 'age identity')
    .action(
      async (
        id: string,
        options: CommonOptions & {
          scratch: string;
          database?: string;
          identityFile?: string;
          trustArchive?: boolean;
        },
      ) => {
        const { config, deps } = await openContext(options, signal);
        const identities = readIdentities(options.identityFile, process.env);
        const results: RestoreTestResult[] = [];
        for (const database of chosenDatabases(config, { ...options, id })) {
          const scratch = scratchPlace(options.scratch, process.env);
          results.push(
            await restoreTest(forDatabase(deps, config, database), {
              database,
              id,
              scratch,
              identities,
              trustArchive: options.trustArchive ?? false,
            }),
          );
        }
        if (options.json) return printJson({ restoreTests: results });
        for (const result of results) print(describe(result));
      },
    );
}

function describe({ id, comparison, restoreDurationMs, compareDurationMs }: RestoreTestResult): string {
  const { tables, rows, schema, contentRoot } = comparison;
  const explained = schema.differences
    .map(({ key, explanation }) => `\n  explained: ${key}: ${explanation}`)
    .join('');
  return `${id}: restored
  ${rowsInTables(rows, tables)} compared, all equal; schema ${schema.verdict}
  restored in ${formatDuration(restoreDurationMs)}, compared in ${formatDuration(compareDurationMs)}
  content root ${contentRoot.actual}${explained}`;
}

function scratchPlace(text: string, env: NodeJS.ProcessEnv): ScratchPlace {
  return text === 'embedded' ? { kind: 'embedded' } : { kind: 'url', url: placeOf(text, '--scratch', env) };
}
