import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { LoadedConfig } from '../config/check.ts';
import { loadConfig } from '../config/load.ts';
import { nearest } from '../config/suggest.ts';
import type { Deps, RunContext } from '../deps.ts';
import { ConfigError } from '../lib/errors.ts';
import { openLedger, openStores } from '../open.ts';
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
export function openContext(options: CommonOptions & { trigger?: string }, signal: AbortSignal): Context {
  const config = loadConfig(options.config);
  return {
    config,
    deps: {
      now: Date.now,
      randomBytes,
      progress: terminalProgress(process.stderr, Date.now),
      ledger: openLedger(config),
      stores: openStores(config),
      run: runContext(process.env, options.trigger),
      signal,
    },
  };
}

/** What GitHub Actions says about the run; elsewhere nothing. */
function runContext(env: NodeJS.ProcessEnv, trigger: string | undefined): RunContext {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  const text = trigger ?? env['GITHUB_EVENT_NAME'] ?? 'manual';
  if (!/^[\w .:/-]{1,64}$/.test(text)) {
    throw new ConfigError('--trigger takes up to 64 letters, digits, spaces and . : / - _', {
      publicReason: 'the trigger text is not valid',
    });
  }
  return {
    trigger: text,
    intendedAt: null,
    runUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : null,
    actor: env['GITHUB_ACTOR'] ?? null,
  };
}

/** The databases a command is about: the one named, the one an id belongs to, or all. */
export function chosenDatabases(config: LoadedConfig, choice: { database?: string; id?: string }): string[] {
  const names = Object.keys(config.databases);
  const fromId =
    choice.id && choice.id !== 'latest' ? choice.id.replace(/-\d{8}T\d{6}Z-[a-z2-7]{4}$/, '') : undefined;
  const wanted = choice.database ?? fromId;
  if (wanted === undefined) return names;
  if (names.includes(wanted)) return [wanted];
  const near = nearest(wanted, names);
  throw new ConfigError(`The configuration has no database ${JSON.stringify(wanted)}.`, {
    hint: near ? `Did you mean ${near}?` : `There are: ${names.join(', ')}.`,
    publicReason: 'no such database is configured',
  });
}

/**
 * Identities from a file or from HOLDFAST_IDENTITY; null when neither is given.
 *
 * @throws ConfigError when the file can't be read or holds none
 */
export function readIdentities(file: string | undefined, env: NodeJS.ProcessEnv): string[] | null {
  if (file === undefined && !env['HOLDFAST_IDENTITY']) return null;
  let text: string;
  try {
    text = file === undefined ? env['HOLDFAST_IDENTITY']! : readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`The identity file cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      hint: 'Check the path after --identity-file.',
      publicReason: 'the identity could not be read',
    });
  }
  const lines = text.split('\n').map((line) => line.trim());
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (identities.length > 0) return identities;
  throw new ConfigError('The identity file holds no identity.', {
    hint: 'It is a line that begins with AGE-SECRET-KEY-1, as `holdfast keygen` writes it.',
    publicReason: 'the identity could not be read',
  });
}

/**
 * The URL that an option means: itself, or the value of the variable it names.
 *
 * @throws ConfigError when it is neither
 */
export function placeOf(text: string, option: string, env: NodeJS.ProcessEnv): string {
  if (text.includes('://')) return text;
  const url = env[text];
  if (url) return url;
  throw new ConfigError(`${option} ${JSON.stringify(text)} is neither a URL nor a variable that is set.`, {
    hint: 'Nothing was read or written.',
    publicReason: 'a database was not given',
  });
}
