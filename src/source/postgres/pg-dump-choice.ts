import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { basename, delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../../lib/errors.ts';
import type { Connected } from './connect.ts';
import { bundledPgDump, type PgDumped, runPgDump } from './pg-dump.ts';
import { runInstalledPgDump } from './pg-dump-installed.ts';

/** The pg_dump that reads one server. */
export interface PgDump {
  /** For the manifest: `18.3 (bundled)` or `19.1 (installed)`, without a path of this machine. */
  description: string;
  /** Runs it over an open connection, which can't be used for anything else afterwards. */
  run(connected: Connected, args: string[]): Promise<PgDumped>;
}

/** Where a pg_dump may come from. */
export interface PgDumpSources {
  /** Servers up to this major are read by the bundled one. */
  bundledMajor: number;
  /** Folders to look into for a newer one, first match wins. Left out: PATH, then Debian's. */
  folders?: readonly string[];
}

/**
 * The bundled pg_dump, or for a server newer than it the first installed one that is new enough.
 *
 * @throws ConfigError when there is none
 */
export async function choosePgDump(
  serverMajor: number,
  sources: PgDumpSources = { bundledMajor: bundledPgDump.major },
): Promise<PgDump> {
  if (serverMajor <= sources.bundledMajor)
    return { description: `${bundledPgDump.version} (bundled)`, run: runPgDump };
  let newestFound = 0;
  for (const folder of sources.folders ?? (await usualFolders())) {
    const program = join(folder, 'pg_dump');
    const version = await versionOf(program);
    if (!version) continue;
    if (Number.parseInt(version, 10) >= serverMajor) {
      return {
        description: `${version} (installed)`,
        run: (connected, args) => runInstalledPgDump(program, connected, args),
      };
    }
    newestFound = Math.max(newestFound, Number.parseInt(version, 10));
  }
  const found = newestFound ? `the newest one installed is ${newestFound}` : 'no other is installed';
  throw new ConfigError(
    `The server is PostgreSQL ${serverMajor}; the bundled pg_dump reads servers up to ${sources.bundledMajor}, and ${found}. ` +
      'Nothing was read or written.',
    {
      hint: `Install a pg_dump of ${serverMajor} or newer on PATH (Debian, Ubuntu: postgresql-client-${serverMajor} from apt.postgresql.org), or update Holdfast to a release that knows this version.`,
      publicReason: 'the database server is newer than this version of Holdfast',
    },
  );
}

async function usualFolders(): Promise<string[]> {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const debian = '/usr/lib/postgresql';
  const majors = (await readdir(debian).catch(() => [])).filter((name) => /^\d+$/.test(name));
  majors.sort((a, b) => Number(a) - Number(b));
  return [...onPath, ...majors.map((major) => join(debian, major, 'bin'))];
}

/** Such as `15.18` or `19beta1`; null when there is no such program. */
async function versionOf(program: string): Promise<string | null> {
  try {
    // Debian's wrapper runs a version of its own choosing, by the port of a local cluster.
    if (basename(await realpath(program)) === 'pg_wrapper') return null;
    const { stdout } = await promisify(execFile)(program, ['--version'], { timeout: 10_000 });
    return /\(PostgreSQL\) (\d+\S*)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}
