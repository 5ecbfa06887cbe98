import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A repository made from this template needs no callers. */
export function hasOwnWorkflows(folder: string): boolean {
  return existsSync(join(folder, 'actions/backup/action.yml'));
}

/** What this checkout of Holdfast is on GitHub; null when git doesn't say. */
export function ownReference(): string | null {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  try {
    const remote = /github\.com[:/]([\w.-]+\/[\w.-]+?)(?:\.git)?\s*$/.exec(
      git('remote', 'get-url', 'origin'),
    );
    return remote && `${remote[1]}@${git('rev-parse', 'HEAD').trim()}`;
  } catch {
    return null;
  }
}
