import { readFileSync } from 'node:fs';
import { parseIdentities } from '../archive/identities.ts';
import type { LoadedConfig } from '../config/check.ts';
import { loadConfig } from '../config/load.ts';
import { hasLiteralPassword } from '../config/references.ts';
import type { Deps, RunContext } from '../deps.ts';
import { runUrlOf } from '../github/context.ts';
import { ConfigError } from '../lib/errors.ts';
import { openDeps } from '../open.ts';
import { terminalProgress } from './terminal-progress.ts';

/** Options that every command takes. */
export interface CommonOptions {
  config: string;
  json?: boolean;
}

export interface Context {
  config: LoadedConfig;
  deps: Deps;
}

/** Reads the configuration and opens what it names. */
export async function openContext(
  options: CommonOptions & { trigger?: string },
  signal: AbortSignal,
): Promise<Context> {
  const config = loadConfig(options.config);
  return {
    config,
    deps: await openDeps(config, process.env, {
      progress: terminalProgress(process.stderr, Date.now),
      run: runContext(process.env, options.trigger),
      signal,
    }),
  };
}

/** What GitHub Actions says about the run; elsewhere nothing. */
function runContext(env: NodeJS.ProcessEnv, trigger: string | undefined): RunContext {
  const text = trigger ?? env['GITHUB_EVENT_NAME'] ?? 'manual';
  if (!/^[\w .:/-]{1,64}$/.test(text)) {
    throw new ConfigError('--trigger takes up to 64 letters, digits, spaces and . : / - _', {
      publicReason: 'the trigger text is not valid',
    });
  }
  return {
    trigger: text,
    intendedAt: null,
    runUrl: runUrlOf(env),
    actor: env['GITHUB_ACTOR'] ?? null,
  };
}

/**
 * Identities from a file or from HOLDFAST_IDENTITY; null when neither is given.
 *
 * @throws ConfigError when the file can't be read or holds none
 */
export function readIdentities(file: string | undefined, env: NodeJS.ProcessEnv): string[] | null {
  if (file === undefined) return env['HOLDFAST_IDENTITY'] ? parseIdentities(env['HOLDFAST_IDENTITY']) : null;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The identity file cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      hint: 'Check the path after --identity-file.',
      publicReason: 'the identity could not be read',
    });
  }
  return parseIdentities(text, `The file ${JSON.stringify(file)}`);
}

/**
 * The URL that an option means: itself, or the value of the variable it names.
 *
 * @throws ConfigError when it is neither
 */
export function placeOf(text: string, option: string, env: NodeJS.ProcessEnv): string {
  if (text.includes('://')) {
    if (!hasLiteralPassword(text)) return text;
    throw new ConfigError(`${option} holds a password, and other users of this machine can read arguments.`, {
      hint: `Nothing was read or written. Put the URL into a variable and name that: ${option} TARGET_URL`,
      publicReason: 'a password was given as an argument',
    });
  }
  const url = env[text];
  if (url) return url;
  throw new ConfigError(`${option} ${JSON.stringify(text)} is neither a URL nor a variable that is set.`, {
    hint: 'Nothing was read or written.',
    publicReason: 'a database was not given',
  });
}
