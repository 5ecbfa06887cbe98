import { Command } from 'commander';
import { formatBytes, formatDuration, table } from '../lib/format.ts';
import { type ListedBackup, list, show } from '../list.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function listCommand(signal: AbortSignal): Command {
  return new Command('list')
    .description('what the stores hold, newest first')
    .option('--database <name>', 'only this one')
    .action(async (options: CommonOptions & { database?: string }) => {
      const { config, deps } = await openContext(options, signal);
      const names = chosenDatabases(config, options);
      const backups = (
        await Promise.all(names.map((name) => list(forDatabase(deps, config, name), name)))
      ).flat();
      if (options.json) return printJson({ backups });
      if (backups.length === 0) return print('There is no backup yet.');
      const rows = backups.map((backup) => [
        backup.id,
        backup.receipt?.trigger ?? '?',
        backup.receipt ? formatBytes(backup.receipt.archive.sizeBytes) : '?',
        backup.receipt ? backup.receipt.rows.toLocaleString('en') : '?',
        backup.receipt ? formatDuration(backup.receipt.durationMs) : '?',
        backup.good ? backup.rung : backup.quarantined ? 'in quarantine' : 'damaged',
        backup.stores
          .map(({ store, problem }) => (problem ? `${store} (receipt damaged)` : store))
          .join(', '),
      ]);
      print(table([['backup', 'trigger', 'size', 'rows', 'took', 'proof', 'stores'], ...rows]));
    });
}

export function showCommand(signal: AbortSignal): Command {
  return new Command('show')
    .description('everything known about one backup')
    .argument('[id]', 'a backup id, or "latest"', 'latest')
    .option('--database <name>', 'whose latest')
    .action(async (id: string, options: CommonOptions & { database?: string }) => {
      const { config, deps } = await openContext(options, signal);
      const backups = await Promise.all(
        chosenDatabases(config, { ...options, id }).map((name) =>
          show(forDatabase(deps, config, name), name, id),
        ),
      );
      if (options.json) return printJson(backups.length === 1 ? backups[0] : { backups });
      print(backups.map(describe).join('\n\n'));
    });
}

function describe({ id, receipt, reached, good, quarantined, stores }: ListedBackup): string {
  const lines: string[][] = [
    ['backup', id],
    ['state', good ? 'good' : quarantined ? 'in quarantine' : 'damaged'],
  ];
  if (receipt) {
    lines.push(
      ['snapshot', receipt.snapshotAt],
      ['trigger', receipt.trigger],
      ['took', formatDuration(receipt.durationMs)],
      [
        'content',
        `${receipt.rows.toLocaleString('en')} rows in ${receipt.tables} tables, ${formatBytes(receipt.rawBytes)}`,
      ],
      ['archive', `${formatBytes(receipt.archive.sizeBytes)}, ${receipt.archive.digest}`],
      [
        'encrypted',
        receipt.recipients
          ? `to ${receipt.recipients.length} recipient(s): ${receipt.recipients.join(', ')}`
          : 'no',
      ],
      ['PostgreSQL', String(receipt.serverMajor)],
      ['content root', receipt.contentRoot],
    );
  }
  for (const { rung, at, runUrl } of reached) lines.push([rung, `${at}${runUrl ? ` ${runUrl}` : ''}`]);
  for (const { store, problem } of stores) lines.push(['store', problem ? `${store}: ${problem}` : store]);
  return table(lines);
}
