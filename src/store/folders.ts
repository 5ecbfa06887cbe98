import type { Stats } from 'node:fs';
import { link, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

/** Null when there is nothing of that name. */
export async function statOf(path: string): Promise<Stats | null> {
  return stat(path).catch((error) => {
    if (isMissing(error)) return null;
    throw error;
  });
}

/** All files below a folder. One that vanishes meanwhile, with its backup, must not hide the others. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const paths = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
  return (await Promise.all(paths)).flat();
}

/** Makes a folder and those above it. */
export async function makeFolders(path: string) {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    // Node says so of a read-only disk too; making the first missing folder alone says why.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    let first = path;
    while (!(await statOf(dirname(first)))) first = dirname(first);
    await mkdir(first);
    throw error;
  }
}

/** Names a whole file, unless the name was taken meanwhile, which a rename would not notice. */
export async function giveName(partial: string, path: string): Promise<boolean> {
  try {
    await link(partial, path);
    await rm(partial, { force: true });
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // Not every file system has links.
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) throw error;
    if (await statOf(path)) return false;
    await rename(partial, path);
  }
  return true;
}

/** Without it a new name may be lost with the power, in the folder of the object as in those above it. */
export async function syncFolders(from: string, root: string) {
  for (let path = from; path === root || path.startsWith(`${root}${sep}`); path = dirname(path)) {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

export async function removeEmptyFolders(from: string, root: string) {
  for (let folder = from; folder.startsWith(`${root}${sep}`); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}
