import { Command, Option } from 'commander';
import { type ExportOptions, exportBackup } from '../export.ts';
import { ConfigError } from '../lib/errors.ts';
import { counted } from '../lib/format.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type CommonOptions, openContext, readIdentities } from './context.ts';
import { print, printJson } from './output.ts';

interface ExportFlags extends CommonOptions {
  out: string;
  all?: boolean;
  format?: NonNullable<ExportOptions['format']>;
  force?: boolean;
  trustArchive?: boolean;
  database?: string;
  identityFile?: string;
}

export function exportCommand(signal: AbortSignal): Command {
  return new Command('export')
    .description('write the rows of a backup in clear: as JSON, or as a file for each table')
    .argument('[id]', 'a backup id, or "latest": the newest good one', 'latest')
    .requiredOption('--out <place>', 'FILE.json for enquiries and staff, or a folder for all tables')
    .option('--all', 'all tables in the JSON file')
    .addOption(
      new Option('--format <format>', 'of files in a folder (default: csv)').choices(['csv', 'copy']),
    )
    .option('--force', 'replace an earlier export')
    .option('--trust-archive', 'take an archive that the ledger does not vouch for')
    .option('--database <name>', 'whose latest')
    .option('--identity-file <file>', 'age identity')
    .action(async (id: string, options: ExportFlags) => {
      const { config, deps } = await openContext(options, signal);
      const database = theDatabase(chosenDatabases(config, { ...options, id }));
      const result = await exportBackup(forDatabase(deps, config, database), {
        database,
        id,
        identities: readIdentities(options.identityFile, process.env),
        out: options.out,
        all: options.all ?? false,
        format: options.format ?? null,
        force: options.force ?? false,
        trustArchive: options.trustArchive ?? false,
      });
      deps.progress.warn(
        `${options.out} is not encrypted: whoever can read it reads the data. Delete it when it has served.`,
      );
      if (options.json) return printJson(result);
      print(
        `${result.id}: ${counted(result.rows, 'row')} of ${counted(result.tables, 'table')} in ${options.out}`,
      );
    });
}

function theDatabase(names: readonly string[]): string {
  if (names.length === 1) return names[0]!;
  throw new ConfigError(`An export is of one database, and the configuration has ${names.join(', ')}.`, {
    hint: 'Nothing was written. Give a backup id, or --database NAME.',
    publicReason: 'no database was named for the export',
  });
}
