import { join } from 'node:path';
import type { DumpPart } from './archive/read-dump.ts';
import type { Deps } from './deps.ts';
import { readContents } from './export/backup-contents.ts';
import { exportFolder, type FolderFormat } from './export/folder-export.ts';
import { allArrays, missionArrays } from './export/json-arrays.ts';
import { exportJson, type JsonPlan } from './export/json-export.ts';
import { readCopy } from './export/read-copy.ts';
import { chooseTarget, type Target, wholeName, writeWhole } from './export/target.ts';
import { findChosen } from './latest.ts';
import { ConfigError } from './lib/errors.ts';
import { counted } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import type { SoundCopy } from './store/find.ts';
import { requireIdentity } from './verify.ts';
import { firstVouched } from './vouched.ts';

export interface ExportOptions {
  database: string;
  /** An id, or `latest`. */
  id: string;
  identities: readonly string[] | null;
  /** A name that ends with `.json`, or a folder. */
  out: string;
  /** Every table in the JSON file, and not only enquiries and staff. A folder always has all. */
  all: boolean;
  /** Of the files in a folder; null: none was asked for, which is CSV. */
  format: FolderFormat | null;
  /** Whether an earlier export may be replaced. */
  force: boolean;
  /** A person vouches for an archive that the ledger does not. Left out: nobody does. */
  trustArchive?: boolean;
}

export interface ExportResult {
  id: string;
  out: string;
  /** Arrays in a JSON file, files in a folder. */
  tables: number;
  rows: number;
}

type Read = <T>(title: string, work: (parts: AsyncIterable<DumpPart>) => Promise<T>) => Promise<T>;

/** Of the mission's JSON document. */
const documentVersion = '1.0';

/**
 * Writes the rows of a backup in clear: as one JSON document, or as a file for each table. The first store that holds
 * the backup is read, once for a folder and twice for JSON, whose types stand behind the rows in an archive. Nothing is
 * at the target before all of the backup proved readable, and nothing beside it after a failure.
 *
 * @throws IntegrityError when the backup is damaged; ConfigError when the target is taken or no identity fits;
 *         StoreError when the store or the disk fails; SourceError when interrupted
 */
export async function exportBackup(deps: Deps, options: ExportOptions): Promise<ExportResult> {
  const target = await chooseTarget(options.out, options.force);
  if (target.kind === 'file' && options.format !== null) {
    throw new ConfigError(`--format ${options.format} is for a folder, and --out names a JSON file.`, {
      hint: 'Nothing was written. Leave --format out, or give --out FOLDER.',
      publicReason: 'the format does not fit the target of the export',
    });
  }
  const copies = await findChosen(deps, options.database, options.id);
  const danger = 'Its rows may be made up.';
  const { copy } = await firstVouched(deps, copies, options.trustArchive ?? false, danger);
  const identities = requireIdentity(copy, options.identities);
  const read: Read = (title, work) =>
    inStep(
      deps.progress,
      `${title} ${copy.id}`,
      (step) => work(readCopy(deps, copy, identities, step)),
      () => `${counted(copy.receipt.rows, 'row')} read`,
    );
  const written =
    target.kind === 'file'
      ? await toFile(deps, copy, read, target, options.all)
      : await toFolder(deps, read, target, options.format ?? 'csv');
  return { id: copy.id, out: target.path, ...written };
}

async function toFile(deps: Deps, { receipt }: SoundCopy, read: Read, target: Target, all: boolean) {
  const contents = await read('Checking', readContents);
  const { arrays, notCarried } = all ? allArrays(contents) : missionArrays(contents);
  warnOfRest(deps, notCarried, all ? contents.largeObjects : 0);
  const plan: JsonPlan = {
    arrays,
    schema: contents.schema,
    isNested: all,
    members: { timestamp: receipt.snapshotAt, version: documentVersion, trigger: receipt.trigger },
  };
  const rows = await read('Exporting', (parts) =>
    writeWhole(target, (folder) => exportJson(parts, join(folder, wholeName), plan, deps.signal)),
  );
  return { tables: arrays.length, rows };
}

async function toFolder(deps: Deps, read: Read, target: Target, format: FolderFormat) {
  const { index, largeObjects } = await read('Exporting', (parts) =>
    writeWhole(target, (folder) => exportFolder(parts, folder, format)),
  );
  warnOfRest(deps, index.notCarried, largeObjects);
  return { tables: index.tables.length, rows: index.tables.reduce((sum, { rows }) => sum + rows, 0) };
}

function warnOfRest(
  deps: Deps,
  notCarried: readonly { name: string; reason: string }[],
  largeObjects: number,
) {
  for (const { name, reason } of notCarried)
    deps.progress.warn(`${name} is not in this backup, and so not in the export: ${reason}.`);
  if (largeObjects > 0)
    deps.progress.warn(
      `The ${largeObjects} large objects of this backup are not exported; a restore has them.`,
    );
}
