import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from '../lib/errors.ts';

/** @throws ConfigError naming those that exist, unless they may be replaced */
export function refuseToOverwrite(folder: string, names: readonly string[], force: boolean): void {
  const present = names.filter((name) => existsSync(join(folder, name)));
  if (present.length === 0 || force) return;
  throw new ConfigError(
    `${present.join(', ')} ${present.length === 1 ? 'exists' : 'exist'} already. Nothing was written.`,
    {
      hint: 'Look at them first; --force replaces them. With --recipient the present key pair stays in use.',
      publicReason: 'files exist already',
    },
  );
}

/** @throws ConfigError when a file can't be written */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    try {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    } catch (error) {
      throw new ConfigError(`${name} could not be written (${(error as NodeJS.ErrnoException).code}).`, {
        hint: 'Check the folder after --out, and run it again with --force and --recipient: a key pair that was made stays good.',
        publicReason: 'a file could not be written',
      });
    }
  }
}
