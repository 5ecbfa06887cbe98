import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DigestedBytes } from '../lib/digest.ts';
import { HoldfastError, StoreError } from '../lib/errors.ts';
import { formatBytes } from '../lib/format.ts';
import type { StoredObject } from './store.ts';

/**
 * The client of GitHub's artifacts takes files only, so what is to be stored waits in a folder of the runner, as it
 * will be stored: encrypted, unless encryption is off.
 */
export interface Staged extends StoredObject {
  folder: string;
  file: string;
  /** The first bytes, at most `headBytes`. */
  head: Buffer;
}

/** Space that is left to the rest of the job. */
const reservedBytes = 256e6;
const checkEveryBytes = 64e6;
const headBytes = 4096;

export interface StagingOptions {
  /** Under which the folder is made. */
  tempFolder: string;
  /** The file's name. */
  name: string;
  freeBytes?(folder: string): Promise<number>;
}

/** Writes the content to a file, works with that, and removes it whatever happens. @throws StoreError; the content's own error */
export async function whileStaged<T>(
  content: Readable,
  options: StagingOptions,
  work: (staged: Staged) => Promise<T>,
): Promise<T> {
  const { tempFolder, name, freeBytes = freeBytesOf } = options;
  const folder = await mkdtemp(join(tempFolder, 'holdfast-artifact-')).catch((error) => {
    throw unwritable(error);
  });
  try {
    const head: Buffer[] = [];
    let written = 0;
    let checkedAt = Number.NEGATIVE_INFINITY;
    const watch = new Transform({
      async transform(bytes: Buffer, _encoding, done) {
        if (written < headBytes) head.push(bytes.subarray(0, headBytes - written));
        written += bytes.length;
        if (written - checkedAt < checkEveryBytes) return done(null, bytes);
        checkedAt = written;
        const free = await freeBytes(folder).catch(() => null);
        if (free !== null && free < reservedBytes + bytes.length) done(noSpace(free));
        else done(null, bytes);
      },
    });
    const measured = new DigestedBytes();
    const file = join(folder, name);
    const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    // Whichever fails first takes the other with it, with the same error.
    let failed: 'content' | 'disk' | null = null;
    content.once('error', () => {
      failed ??= 'content';
    });
    target.once('error', () => {
      failed ??= 'disk';
    });
    if (content.errored) throw content.errored;
    await pipeline(content, watch, measured, target).catch((error) => {
      throw failed === 'disk' ? unwritable(error) : error;
    });
    const staged = { sizeBytes: measured.sizeBytes, digest: measured.digest(), head: Buffer.concat(head) };
    return await work({ ...staged, folder, file });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function noSpace(free: number) {
  return new StoreError(
    `The temporary folder of the runner has ${formatBytes(free)} left, which is too little for the archive.`,
    {
      hint: 'Artifacts wait there to be uploaded. Free space, use a larger runner, or store in S3, which needs none.',
      publicReason: 'the runner has too little space',
    },
  );
}

function unwritable(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof HoldfastError || code === undefined) return error;
  return new StoreError(`The temporary folder of the runner could not be written to (${code}).`, {
    hint: 'Artifacts wait there to be uploaded. RUNNER_TEMP names the folder.',
    publicReason: 'the runner has too little space',
    cause: error,
  });
}
