import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import pg from 'pg';
import { run as runSql } from '../../support/servers.ts';
import { startTlsServer } from '../../support/tls-server.ts';
import { parentOf } from './measure.ts';
import { type Detour, startDetour } from './proxy.ts';

/** How the server is reached: `watched` is by a detour of no length that sees when rows are asked for. */
export type Way = 'local' | 'tls' | 'slow' | 'watched';
export const databases = ['crm', 'tenth', 'many', 'huge', 'hundred'] as const;
const ways = ['local', 'tls', 'slow', 'watched'] as const;
export const roundTripMs = 10;

/** One server, the ways to it, and what of other people's programs is here. */
export interface Bench extends AsyncDisposable {
  folder: string;
  postmaster: number;
  env: NodeJS.ProcessEnv;
  /** Paths of programs; undefined where one is missing. */
  programs: { pgDump15?: string; pgRestore15?: string; pgDump17?: string; zstd?: string; age?: string };
  recipient: string;
  missing: string[];
  watched: Detour;
  urlOf(database: string, way?: Way): string;
  createDatabase(name: string): Promise<void>;
  load(): string;
}

export async function openBench(): Promise<Bench> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'));
  const server = await startTlsServer();
  const { port } = new URL(server.url);
  const target = { host: '127.0.0.1', port: Number(port) };
  const slow = await startDetour(target, roundTripMs);
  const watched = await startDetour(target, 0);
  const urlOf = (database: string, way: Way = 'local') => {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    // By its address, so that nobody tries IPv6 first.
    url.hostname = '127.0.0.1';
    if (way === 'slow') url.port = String(slow.port);
    if (way === 'watched') url.port = String(watched.port);
    url.search = `?sslmode=${way === 'tls' ? 'require' : 'disable'}`;
    return url.href;
  };
  const postmaster = await postmasterOf(server.url);
  const identity = await generateIdentity();
  const identityFile = join(folder, 'identity.txt');
  await writeFile(identityFile, `${identity}\n`, { mode: 0o600 });
  const recipient = await identityToRecipient(identity);
  await writeFile(join(folder, 'holdfast.yml'), configuration(folder, recipient));
  const { programs, missing } = findPrograms();
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], HOME: folder };
  for (const database of databases)
    for (const way of ways) env[variable(database, way)] = urlOf(database, way);
  for (const way of ['local', 'slow'] as const) env[variable('scratch', way)] = urlOf('scratch', way);
  return {
    ...{ folder, postmaster, env, programs, missing, recipient, watched, urlOf },
    async createDatabase(name) {
      await runSql(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await runSql(server.url, `CREATE DATABASE ${name} TEMPLATE template0`);
    },
    load: () =>
      loadavg()
        .map((each) => each.toFixed(1))
        .join(', '),
    async [Symbol.asyncDispose]() {
      slow.close();
      watched.close();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** `CRM_LOCAL`: the variable that holds the URL. */
export function variable(database: string, way: Way): string {
  return `${database}_${way}`.toUpperCase();
}

function configuration(folder: string, recipient: string): string {
  const reached = databases.flatMap((database) =>
    ways.map((way) => `  ${database}-${way}: { url: "\${${variable(database, way)}}" }`),
  );
  return `databases:
${reached.join('\n')}
stores:
  disk: { type: directory, path: ${join(folder, 'store')} }
encryption: { recipients: [${recipient}] }
ledger: { type: directory, path: ${join(folder, 'ledger')} }
`;
}

/** The process that starts all backends: known by one that runs while it is looked at. */
async function postmasterOf(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return parentOf(rows[0]!.pid);
  } finally {
    await client.end();
  }
}

function findPrograms() {
  const found = (program: string, major?: number): string | undefined => {
    try {
      const path = execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).trim();
      const version = execFileSync(path, ['--version'], { encoding: 'utf8' });
      const isWanted = major === undefined || Number(/(\d+)/.exec(version)?.[1]) === major;
      return isWanted ? path : undefined;
    } catch {
      return undefined;
    }
  };
  const ofMajor = (program: string, major: number) =>
    found(`/usr/lib/postgresql/${major}/bin/${program}`, major) ?? found(program, major);
  const programs: Record<string, string | undefined> = {
    pgDump15: ofMajor('pg_dump', 15),
    pgRestore15: ofMajor('pg_restore', 15),
    pgDump17: ofMajor('pg_dump', 17),
    zstd: found('zstd'),
    age: found('age'),
  };
  const names = {
    pgDump15: 'pg_dump 15',
    pgRestore15: 'pg_restore 15',
    pgDump17: 'pg_dump 17',
    zstd: 'zstd',
    age: 'age',
  };
  const missing = Object.entries(names)
    .filter(([key]) => programs[key] === undefined)
    .map(([, name]) => name);
  return { programs: programs as Bench['programs'], missing };
}
