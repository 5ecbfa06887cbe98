import { createInterface } from 'node:readline/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { interrupted } from '../ledger/attempt.ts';
import { ConfigError } from '../lib/errors.ts';
import { rowsInTables } from '../lib/format.ts';
import { backupAsOf } from '../list.ts';
import { chosenDatabases, forDatabase, sourceOptions } from '../open.ts';
import { type RestoreMode, restoreModes } from '../restore/mode.ts';
import { refuseProblems } from '../restore/obstacles.ts';
import type { RestorePlan } from '../restore/plan.ts';
import { describePlan } from '../restore/plan-text.ts';
import { restore } from '../restore.ts';
import { type CommonOptions, openContext, placeOf, readIdentities } from './context.ts';
import { print, printJson } from './output.ts';

interface RestoreCommandOptions extends CommonOptions {
  to: string;
  mode: RestoreMode;
  tables?: string[];
  plan?: boolean;
  confirm?: string;
  asOf?: number;
  database?: string;
  identityFile?: string;
  replaceBackupsTable?: boolean;
  trustArchive?: boolean;
}

export function restoreCommand(signal: AbortSignal): Command {
  return new Command('restore')
    .description('put a backup into a real database: all of it or nothing')
    .argument('[id]', 'a backup id, or "latest": the newest good one', 'latest')
    .requiredOption('--to <place>', 'the target: a URL, or a variable that holds one')
    .addOption(
      new Option(
        '--mode <mode>',
        'new: into an empty database; replace: all that it holds; tables: only those',
      )
        .choices(restoreModes)
        .makeOptionMandatory(),
    )
    .option('--tables <names>', 'with --mode tables: schema.table, separated by commas', (text) =>
      text.split(',').map((name) => name.trim()),
    )
    .option('--plan', 'only say what would happen')
    .option('--confirm <word>', 'RESTORE: do it without asking')
    .option('--as-of <time>', 'the newest good backup from before, such as 2026-11-20T09:00Z', parseMoment)
    .option('--replace-backups-table', "do not keep the rows of the target's own table of CRM backups")
    .option('--trust-archive', 'take an archive that the ledger does not vouch for')
    .option('--database <name>', 'whose backup')
    .option('--identity-file <file>', 'age identity')
    .action(async (id: string, options: RestoreCommandOptions) => {
      const { config, deps: all } = await openContext(options, signal);
      const [database, another] = chosenDatabases(config, { ...options, id });
      if (another)
        throw refused('The configuration has several databases.', 'Say whose backup with --database NAME.');
      const deps = forDatabase(all, config, database!);
      if (options.mode === 'tables' && !options.tables?.length)
        throw refused('--mode tables needs --tables.', 'Such as --tables public.enquiries,public.staff');
      if (options.confirm !== undefined && options.confirm !== 'RESTORE')
        throw refused('--confirm takes the word RESTORE, in capitals.', 'Look at the plan first: --plan');
      const { target: _, ...backup } = sourceOptions(config, database!, process.env, { needsSource: false });
      const result = await restore(deps, {
        database: database!,
        id: options.asOf === undefined ? id : await backupAsOf(deps, database!, options.asOf),
        target: { url: placeOf(options.to, '--to', process.env), label: 'the target' },
        mode: options.mode,
        tables: options.tables ?? [],
        identities: readIdentities(options.identityFile, process.env),
        keepBackupsTable: !options.replaceBackupsTable,
        trustArchive: options.trustArchive ?? false,
        confirm: (plan) => confirmed(plan, options, signal),
        backup,
      });
      if (options.json) return printJson(result);
      if (!result.done && options.plan) return print('This was the plan; nothing was changed.');
      if (!result.done)
        throw refused('Not confirmed.', 'It takes the word RESTORE, and then the name of the target.');
      const { before, after, rows, tables, contentRoot } = result.done;
      print(`restored ${result.plan.backupId}: ${rowsInTables(rows, tables)}, proved equal
${contentRoot ? `  content root  ${contentRoot}\n` : ''}  before        ${before ?? 'the target was empty'}
  after         ${after}`);
    });
}

/** Shows the plan, and asks where somebody sits. */
async function confirmed(
  plan: RestorePlan,
  options: RestoreCommandOptions,
  signal: AbortSignal,
): Promise<boolean> {
  process.stderr.write(`\n${describePlan(plan)}\n\n`);
  if (options.plan) return false;
  refuseProblems(plan);
  if (options.confirm === 'RESTORE') return true;
  if (!process.stdin.isTTY) {
    throw refused(
      'The restore was not confirmed.',
      'Add --confirm RESTORE after you have read the plan above.',
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // The terminal takes Ctrl-C for itself while it asks.
    terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const word = await terminal.question('Type RESTORE to go on: ', { signal });
    const name =
      word === 'RESTORE' ? await terminal.question('Type the name of the target database: ', { signal }) : '';
    return word === 'RESTORE' && name === plan.target.databaseName;
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  } finally {
    terminal.close();
  }
}

function parseMoment(text: string): number {
  const moment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(moment))
    throw new InvalidArgumentError('It is a time with its zone, such as 2026-11-20T09:00Z.');
  return moment;
}

function refused(message: string, hint: string): ConfigError {
  return new ConfigError(`${message} The target is as it was.`, {
    hint,
    publicReason: 'the restore was not asked for properly',
  });
}
