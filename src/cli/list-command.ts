import { Command } from 'commander';
import { counted, formatBytes, formatDuration, rowsInTables, table } from '../lib/format.ts';
import { type ListedBackup, listing, show } from '../list.ts';
import { chosenDatabases, forDatabase } from '../open.ts';
import { describeLack } from '../store/missing.ts';
import { type CommonOptions, openContext } from './context.ts';
import { print, printJson } from './output.ts';

export function listCommand(signal: AbortSignal): Command {
  return new Command('list')
    .description('what the stores hold, newest first')
    .option('--database <name>', 'only this one')
    .action(async (options: CommonOptions & { database?: string }) => {
      const { config, deps } = await openContext(options, signal);
      const names = chosenDatabases(config, options);
      const asked = await Promise.allSettled(
        names.map(async (database) => ({
          database,
          ...(await listing(forDatabase(deps, config, database), database)),
        })),
      );
      const listings = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
      const failures = asked.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
      const backups = listings.flatMap((each) => each.backups);
      for (const { database, lacking, unreachable } of listings) {
        for (const lack of lacking) deps.progress.warn(describeLack(database, lack));
        for (const { store, error } of unreachable)
          deps.progress.warn(`Store ${store.name} is not in this list: ${error.message}`);
      }
      // What can be listed is, also when one database's stores are gone.
      for (const error of failures.slice(1)) deps.progress.warn((error as Error).message);
      if (failures.length > 0) {
        if (!options.json && backups.length > 0) print(rowsOf(backups));
        throw failures[0];
      }
      if (options.json) {
        const lacking = listings.flatMap((each) =>
          each.lacking.map((lack) => ({ ...lack, database: each.database, store: lack.store.name })),
        );
        return printJson({ backups, lacking });
      }
      print(backups.length === 0 ? 'There is no backup yet.' : rowsOf(backups));
    });
}

function rowsOf(backups: readonly ListedBackup[]): string {
  const rows = backups.map((backup) => [
    backup.id,
    backup.trigger ?? '?',
    backup.receipt ? formatBytes(backup.receipt.archive.sizeBytes) : '?',
    backup.receipt ? backup.receipt.rows.toLocaleString('en') : '?',
    backup.receipt ? formatDuration(backup.receipt.durationMs) : '?',
    stateOf(backup),
    backup.rung,
    backup.stores.map(({ store, problem }) => (problem ? `${store} (receipt damaged)` : store)).join(', '),
  ]);
  return table([['backup', 'trigger', 'size', 'rows', 'took', 'state', 'proof', 'stores'], ...rows]);
}

export function showCommand(signal: AbortSignal): Command {
  return new Command('show')
    .description('everything known about one backup')
    .argument('[id]', 'a backup id, or "latest": the newest good one', 'latest')
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

function stateOf({ good, quarantined }: ListedBackup): string {
  return good ? 'good' : quarantined ? 'in quarantine' : 'damaged';
}

function describe(backup: ListedBackup): string {
  const { id, receipt, reached, stores } = backup;
  const lines: string[][] = [
    ['backup', id],
    ['state', stateOf(backup)],
  ];
  if (receipt) {
    lines.push(
      ['snapshot', receipt.snapshotAt],
      ['trigger', receipt.trigger],
      ['took', formatDuration(receipt.durationMs)],
      ['content', `${rowsInTables(receipt.rows, receipt.tables)}, ${formatBytes(receipt.rawBytes)}`],
      ['archive', `${formatBytes(receipt.archive.sizeBytes)}, ${receipt.archive.digest}`],
      [
        'encrypted',
        receipt.recipients
          ? `to ${counted(receipt.recipients.length, 'recipient')}: ${receipt.recipients.join(', ')}`
          : 'no',
      ],
      ['PostgreSQL', String(receipt.serverMajor)],
      ['content root', receipt.contentRoot],
    );
    if (receipt.rekeyedFrom) lines.push(['encrypted again', `once ${receipt.rekeyedFrom}`]);
    if (receipt.load) {
      const { connections, snapshotMs, lockWaitMs } = receipt.load;
      const waited = lockWaitMs >= 1000 ? `, waited ${formatDuration(lockWaitMs)} for locks` : '';
      lines.push([
        'of the server',
        `${counted(connections, 'connection')}, one snapshot for ${formatDuration(snapshotMs)}${waited}`,
      ]);
    }
  }
  for (const { rung, at, runUrl } of reached) lines.push([rung, `${at}${runUrl ? ` ${runUrl}` : ''}`]);
  for (const { store, problem } of stores) lines.push(['store', problem ? `${store}: ${problem}` : store]);
  return table(lines);
}
