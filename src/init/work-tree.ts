import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ConfigError } from '../lib/errors.ts';

/** The git work tree that a path is in, whether it exists or not; null when it is in none. Links are followed. */
export function workTreeOf(path: string): string | null {
  for (let folder = realPathOf(resolve(path)); ; folder = dirname(folder)) {
    // A folder; in a worktree or submodule a file.
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/** @throws ConfigError when an identity there could be committed */
export function refuseInWorkTree(identityFile: string): void {
  const tree = workTreeOf(identityFile);
  if (tree === null) return;
  throw new ConfigError(
    `The identity would be written into ${tree}, which is a git work tree: one day it would be committed. Nothing was written.`,
    {
      hint: 'Name a place outside of any repository: --identity-out FILE',
      publicReason: 'the identity would have been written into a repository',
    },
  );
}

/** With the links of that part that exists resolved. */
function realPathOf(path: string): string {
  if (existsSync(path) || path === dirname(path)) return realpathSync(path);
  return join(realPathOf(dirname(path)), basename(path));
}
