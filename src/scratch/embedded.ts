import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ConfigError, SourceError } from '../lib/errors.ts';
import { type ServerAccount, serverAccount } from './account.ts';
import { installedMajors, serverBinaries } from './binaries.ts';
import { freePort } from './port.ts';

/** A running throwaway server. Disposing it stops the server and removes its files. */
export interface EmbeddedPostgres extends AsyncDisposable {
  readonly major: number;
  /** Superuser URL of the database `postgres` on 127.0.0.1, password included. */
  readonly url: string;
  /** The same server, another database. */
  urlOf(database: string): string;
  stop(): Promise<void>;
}

/**
 * Ends the server when our end of its stdin closes, so that not even a SIGKILL of ours leaves one behind;
 * `detached` keeps a Ctrl-C at the terminal from reaching the server before we have finished with it.
 */
const supervisor = `
dir=$1; shift
exec 3<&0
"$@" 3<&- >>"$dir/log" 2>&1 &
server=$!
(cat <&3 >/dev/null; kill -INT $server 2>/dev/null) 2>/dev/null &
wait $server
code=$?
rm -rf "$dir"
exit $code
`;

/** Scratch data is rebuilt from an archive at any time, so durability buys nothing here. */
const scratchSettings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '60',
  // A schema of thousands of tables is created in one transaction.
  max_locks_per_transaction: '2048',
};

/**
 * Starts a PostgreSQL of the given major from the npm packages, on a random loopback port with a random password.
 *
 * @throws ConfigError when that major is not installed; SourceError when the server does not come up.
 */
export async function startEmbeddedPostgres(options: {
  major: number;
  /** Extra `postgresql.conf` settings. */
  settings?: Record<string, string>;
}): Promise<EmbeddedPostgres> {
  const { major } = options;
  if (!installedMajors().includes(major)) {
    throw new ConfigError(
      `No embedded PostgreSQL ${major} is installed (there are: ${installedMajors().join(', ') || 'none'}).`,
      {
        hint: `Give the URL of an empty PostgreSQL ${major} database with --scratch ENV_OR_URL.`,
        publicReason: 'no scratch server of the right version',
      },
    );
  }
  const account = serverAccount();
  const directory = await mkdtemp(join(tmpdir(), 'holdfast-pg-'));
  if (account) chownSync(directory, account.uid, account.gid);
  try {
    const binaries = await serverBinaries(major, directory, account);
    const password = randomBytes(18).toString('base64url');
    await initialise(binaries, directory, password, account);
    return await launch(binaries, directory, password, account, options);
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

async function initialise(
  binaries: string,
  directory: string,
  password: string,
  account: ServerAccount | null,
) {
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const args = [
    '-D',
    join(directory, 'data'),
    '-U',
    'postgres',
    '--pwfile',
    passwordFile,
    '--auth=scram-sha-256',
  ];
  const child = spawn(
    join(binaries, 'initdb'),
    [...args, '--no-sync', '--encoding=UTF8', '--locale=C.UTF-8'],
    {
      ...account,
      cwd: directory,
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const complaint = text(child);
  const code = await exitOf(child);
  if (code !== 0)
    throw new SourceError(`The embedded PostgreSQL could not be initialised: ${(await complaint).trim()}`);
  await rm(passwordFile);
}

async function launch(
  binaries: string,
  directory: string,
  password: string,
  account: ServerAccount | null,
  options: { major: number; settings?: Record<string, string> },
): Promise<EmbeddedPostgres> {
  const port = await freePort();
  const settings = { ...scratchSettings, ...options.settings, port: String(port) };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(
    '/bin/sh',
    ['-c', supervisor, 'sh', directory, join(binaries, 'postgres'), '-D', join(directory, 'data'), ...flags],
    {
      ...account,
      cwd: directory,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    },
  );
  child.stdin.on('error', () => {});
  const gone = exitOf(child);
  const urlOf = (database: string) =>
    `postgres://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`;
  const stop = async () => {
    child.stdin.end();
    await gone;
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await untilReady(urlOf('postgres'), child, directory);
  } catch (error) {
    await stop();
    throw error;
  }
  return { major: options.major, url: urlOf('postgres'), urlOf, stop, [Symbol.asyncDispose]: stop };
}

async function untilReady(url: string, child: ChildProcess, directory: string) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    // The supervisor removes the log with the directory, so keep the last words it had.
    const log = existsSync(join(directory, 'log'))
      ? await readFile(join(directory, 'log'), 'utf8').catch(() => '')
      : '';
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new SourceError(
        `The embedded PostgreSQL did not start: ${log.trim().split('\n').slice(-3).join(' ')}`,
      );
    }
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await client.end().catch(() => {});
      await delay(25);
    }
  }
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

async function text(child: ChildProcess): Promise<string> {
  let all = '';
  for await (const part of child.stderr!) all += part;
  return all;
}
