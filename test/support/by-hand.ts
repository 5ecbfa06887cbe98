import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { missingTools } from './tools.ts';
import type { Workplace } from './workplace.ts';

/** A backup restored by hand: with standard tools alone, as somebody would who has lost us. */

/** What is not installed of the tools that it takes. */
export const missingByHand = missingTools('restore by hand', 'age', 'tar', 'zstd', 'psql', 'bash');

/**
 * Decrypts and unpacks an encrypted backup of a workplace with its identity.
 *
 * @param target URL of the database that scripts find as `$target`
 * @returns the folder, and a shell in it
 */
export async function unpackByHand(place: Workplace, id: string, target: string) {
  const folder = join(place.folder, 'by-hand');
  await mkdir(folder);
  await writeFile(join(folder, 'identity.txt'), `${place.identity}\n`);
  const archive = join(place.folder, 'store', 'crm', id, 'archive.tar.age');
  const sh = (command: string) =>
    execFileSync('bash', ['-euo', 'pipefail', '-c', command], {
      cwd: folder,
      env: { ...process.env, archive, target },
      encoding: 'utf8',
    });
  sh('age -d -i identity.txt "$archive" | tar x');
  return { folder, sh };
}
