import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedConfig } from '../../src/config/check.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { ConfigError } from '../../src/lib/errors.ts';

/** The least that a configuration needs. */
export const minimal = `
databases:
  crm:
    url: \${DATABASE_URL}
stores:
  disk:
    type: directory
    path: backups
encryption: off
`;

/** Loads this text as a configuration; `folder` is where it stands. */
export function load(text: string): { config: LoadedConfig; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-config-'));
  try {
    const file = join(folder, 'holdfast.yml');
    writeFileSync(file, text);
    return { config: loadConfig(file), folder };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The error that this text is refused with: always a ConfigError that says that nothing was done, and what to do. */
export function refusal(text: string): ConfigError {
  try {
    load(text);
  } catch (error) {
    const { name, message, hint, publicReason } = error as ConfigError;
    if (name !== 'ConfigError' || !message.includes('Nothing was read or written.') || !hint) throw error;
    if (publicReason !== 'the configuration is not valid') throw error;
    return error as ConfigError;
  }
  throw new Error('this configuration was accepted');
}

/** The minimal configuration with another URL. */
export const withUrl = (url: string) => minimal.replace('${DATABASE_URL}', JSON.stringify(url));
