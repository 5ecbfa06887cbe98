import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from '../lib/errors.ts';
import { giveName, statOf, syncFolders } from '../store/folders.ts';
import { explainWriting } from './explain-writing.ts';
import { indexName, indexSchema } from './folder-index.ts';

/** The file in the folder that becomes a target of kind `file`. */
export const wholeName = 'whole.json';

/** Where an export goes. */
export interface Target {
  kind: 'file' | 'folder';
  path: string;
  /** Whether something is there that --force may replace. */
  isReplaced: boolean;
}

/**
 * Where `--out` leads: to a folder when it ends with a slash, is a folder, or does not end with `.json`.
 *
 * @throws ConfigError when something is there that may not be replaced, or the folder to put it in is missing
 */
export async function chooseTarget(out: string, force: boolean): Promise<Target> {
  try {
    const named = resolve(out);
    const there = await statOf(named);
    const path = there ? await realpath(named) : named;
    const isFolder = /[/\\]$/.test(out) || there?.isDirectory() || !/\.json$/i.test(out);
    const kind = isFolder ? 'folder' : 'file';
    if (!there) {
      if (!(await statOf(dirname(path)))?.isDirectory())
        throw unusable(`There is no folder ${dirname(path)}.`);
      return { kind, path, isReplaced: false };
    }
    if (isFolder !== there.isDirectory() || (!isFolder && !there.isFile()))
      throw unusable(`${out} is there and is no ${isFolder ? 'folder' : 'ordinary file'}.`);
    if (isFolder && (await readdir(path)).length === 0) return { kind, path, isReplaced: false };
    if (!force) throw taken(out);
    if (isFolder) await requireEarlierExport(out, path);
    return { kind, path, isReplaced: true };
  } catch (error) {
    throw explainWriting(error);
  }
}

/**
 * Writes an export beside its place and names it when it is whole. Whatever happens before that, the place is as it was
 * and nothing is left beside it.
 *
 * @param work fills the given folder; for a file, with `wholeName` in it
 * @throws what the work throws; ConfigError or StoreError when the disk refuses
 */
export async function writeWhole<T>(target: Target, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = `${target.path}.${randomBytes(4).toString('hex')}.partial`;
  try {
    await mkdir(folder, { mode: 0o700 });
    const result = await work(folder);
    await (target.kind === 'file' ? placeFile(join(folder, wholeName), target) : placeFolder(folder, target));
    await syncFolders(dirname(target.path), dirname(target.path));
    return result;
  } catch (error) {
    throw explainWriting(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function placeFile(written: string, target: Target) {
  if (target.isReplaced) await rename(written, target.path);
  else if (!(await giveName(written, target.path))) throw taken(target.path);
}

async function placeFolder(written: string, target: Target) {
  await syncFolders(written, written);
  if (!target.isReplaced) return rename(written, target.path);
  const earlier = `${target.path}.${randomBytes(4).toString('hex')}.old`;
  await rename(target.path, earlier);
  try {
    await rename(written, target.path);
  } catch (error) {
    await rename(earlier, target.path);
    throw error;
  }
  await rm(earlier, { recursive: true, force: true });
}

/** --force may not cost anybody a folder of other things. */
async function requireEarlierExport(out: string, path: string) {
  const index = await readFile(join(path, indexName), 'utf8')
    .then((text) => indexSchema.safeParse(JSON.parse(text)).data ?? null)
    .catch(() => null);
  const own = new Set([indexName, ...(index?.tables ?? []).map((table) => table.file)]);
  const foreign = (await readdir(path)).find((name) => !own.has(name));
  if (index && foreign === undefined) return;
  const found = foreign
    ? `${JSON.stringify(foreign)} in it is not of an export`
    : `it has no ${indexName} of an export`;
  throw unusable(`${out} is not replaced, because ${found}.`);
}

function taken(out: string) {
  return new ConfigError(`${basename(out)} is there already and was left as it is.`, {
    hint: 'Name another with --out, or add --force to replace an earlier export.',
    publicReason: 'the target of the export exists already',
  });
}

function unusable(message: string) {
  return new ConfigError(message, {
    hint: 'Nothing was written. Name another place with --out.',
    publicReason: 'the target of the export cannot be used',
  });
}
