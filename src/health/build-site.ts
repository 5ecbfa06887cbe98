import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ConfigError, StoreError } from '../lib/errors.ts';

const checkout = fileURLToPath(new URL('../../', import.meta.url));

export interface BuildSiteOptions {
  /** The status document to show. */
  statusFile: string;
  /** Replaced as a whole, and only when the build succeeded. */
  outDir: string;
  /** Path the site is served under, such as `/repo/`. */
  base?: string;
  log?: (line: string) => void;
}

/**
 * Builds the status page. When the build fails, what was in `outDir` stays as it was.
 *
 * @throws ConfigError when Astro isn't installed or `outDir` holds something else, StoreError with Astro's own
 * words when it refuses
 */
export async function buildSite(options: BuildSiteOptions): Promise<void> {
  const outDir = path.resolve(options.outDir);
  await refuseForeignFolder(outDir);
  // Inside the checkout, because Astro's half-built pages import packages from where they lie.
  await mkdir(path.join(checkout, '.holdfast'), { recursive: true });
  const workDir = await mkdtemp(path.join(checkout, '.holdfast', 'site-'));
  try {
    await runAstro({ ...options, statusFile: path.resolve(options.statusFile) }, workDir);
    await swapIn(path.join(workDir, 'out'), outDir);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** The folder is replaced as a whole, so a slip in its name must not cost somebody's files. */
async function refuseForeignFolder(outDir: string): Promise<void> {
  const entries = await readdir(outDir).catch((): string[] => []);
  if (entries.length === 0 || (entries.includes('status.json') && !entries.includes('.git'))) return;
  throw new ConfigError(`${outDir} holds something other than an earlier status page.`, {
    hint: 'Name a new or an empty folder: its whole content is replaced.',
    publicReason: 'the status page could not be written',
  });
}

async function runAstro(options: BuildSiteOptions, workDir: string): Promise<void> {
  const args = [astroProgram(), 'build', '--root', 'site', '--outDir', path.join(workDir, 'out')];
  if (options.base !== undefined) args.push('--base', options.base);
  const child = spawn(process.execPath, args, {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    // Nothing is inherited: a build needs no secret, and Astro takes BASE_URL, SITE or MODE out of the environment
    // when they happen to be there, and then the links lead elsewhere.
    env: {
      ASTRO_TELEMETRY_DISABLED: '1',
      HOLDFAST_STATUS_FILE: options.statusFile,
      HOLDFAST_SITE_CACHE: path.join(workDir, 'cache'),
    },
  });
  const lines: string[] = [];
  const collect = async (stream: Readable) => {
    for await (const line of createInterface({ input: stream })) {
      lines.push(line);
      options.log?.(line);
    }
  };
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  const [code] = await Promise.all([ended, collect(child.stdout), collect(child.stderr)]);
  if (code !== 0) {
    throw new StoreError(`The status page could not be built:\n${complaintIn(lines)}`, {
      hint: 'An earlier page was left as it was. Mend the status document, then run `holdfast status --site` again.',
      publicReason: 'the status page could not be built',
    });
  }
}

/** What Astro printed from its first error on, without advice on browsers and stacks of its own. */
function complaintIn(lines: readonly string[]): string {
  const from = lines.findIndex((line) => line.includes('[ERROR]'));
  const complaint = lines.slice(from === -1 ? -20 : from).join('\n');
  return complaint.split(/\n\s+(?:Hint|Location|Stack trace):/)[0]!.trim();
}

function astroProgram(): string {
  try {
    return fileURLToPath(new URL('bin/astro.mjs', import.meta.resolve('astro/package.json')));
  } catch (error) {
    throw new ConfigError('Astro, which builds the status page, is not installed.', {
      hint: 'Run `npm ci` in the checkout.',
      publicReason: 'the status page could not be built',
      cause: error,
    });
  }
}

/** Moves a folder, or copies it where the two are on different file systems: that takes as long as building it. */
async function bring(built: string, incoming: string): Promise<void> {
  try {
    await rename(built, incoming);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await cp(built, incoming, { recursive: true });
  }
}

/** Renames only at the end, so that whoever serves `outDir` never sees half a page. */
async function swapIn(built: string, outDir: string): Promise<void> {
  const incoming = `${outDir}.incoming-${process.pid}`;
  const outgoing = `${outDir}.outgoing-${process.pid}`;
  await mkdir(path.dirname(outDir), { recursive: true });
  try {
    await bring(built, incoming);
    const replaced = await rename(outDir, outgoing).then(
      () => true,
      () => false,
    );
    try {
      await rename(incoming, outDir);
    } catch (error) {
      if (replaced) await rename(outgoing, outDir);
      throw error;
    }
  } catch (error) {
    throw new StoreError(`The status page could not be put into ${outDir}: ${(error as Error).message}`, {
      publicReason: 'the status page could not be written',
      cause: error,
    });
  } finally {
    await rm(incoming, { recursive: true, force: true });
    await rm(outgoing, { recursive: true, force: true });
  }
}
