import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DigestedBytes } from '../lib/digest.ts';
import { HoldfastError, StoreError } from '../lib/errors.ts';
import type { Store } from './store.ts';

/** An object being written carries this ending until it is whole. */
const unfinished = '.partial';
/** A partial file this old belongs to a process that was killed. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * A store in a folder of this machine, such as a mounted disk. Objects are written beside their place, flushed to the
 * disk and then renamed, so that a reader never sees half of one.
 */
export function directoryStore(name: string, root: string): Store {
  const pathOf = (key: string) => join(root, ...key.split('/'));
  return {
    name,
    kind: 'directory',
    capabilities: { maxRetentionDays: null, isImmutable: false, maxSizeBytes: null },

    async put(key, content) {
      const path = pathOf(key);
      const partial = `${path}${unfinished}`;
      try {
        await mkdir(dirname(path), { recursive: true });
        await removeAbandoned(dirname(path));
        if (await exists(path)) {
          throw new StoreError(`Store ${name} already holds ${key}; nothing is ever overwritten.`, {
            publicReason: 'the store already holds this backup',
          });
        }
        const measured = new DigestedBytes();
        await pipeline(content, measured, createWriteStream(partial, { flags: 'w', flush: true }));
        await rename(partial, path);
        await syncFolder(dirname(path));
        return { sizeBytes: measured.sizeBytes, digest: measured.digest() };
      } catch (error) {
        content.destroy();
        await rm(partial, { force: true }).catch(() => {});
        await removeEmptyFolders(dirname(path), root);
        throw explain(error, name, 'written to');
      }
    },

    async get(key) {
      const path = pathOf(key);
      if (!(await exists(path))) throw missing(name, key);
      const stream = createReadStream(path, { highWaterMark: 1 << 18 });
      const destroy = stream._destroy.bind(stream);
      // The consumer sees our error and not the system's, which would name a path.
      stream._destroy = (error, done) =>
        destroy(error ? (explain(error, name, 'read') as Error) : error, done);
      return stream;
    },

    async size(key) {
      try {
        return (await stat(pathOf(key))).size;
      } catch (error) {
        if (isMissing(error)) return null;
        throw explain(error, name, 'read');
      }
    },

    async list(folder) {
      try {
        const entries = await readdir(pathOf(folder), { recursive: true, withFileTypes: true });
        return entries
          .filter((entry) => entry.isFile() && !entry.name.endsWith(unfinished))
          .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
          .sort();
      } catch (error) {
        if (isMissing(error)) return [];
        throw explain(error, name, 'read');
      }
    },

    async remove(key) {
      try {
        await rm(pathOf(key), { force: true });
        await removeEmptyFolders(dirname(pathOf(key)), root);
      } catch (error) {
        throw explain(error, name, 'changed');
      }
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error) => {
      if (isMissing(error)) return false;
      throw error;
    },
  );
}

/** Without it a rename may be lost with the power. */
async function syncFolder(path: string) {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function removeEmptyFolders(from: string, root: string) {
  for (let folder = from; folder.startsWith(`${root}${sep}`); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

/** What a killed run left in the folders of its database. */
async function removeAbandoned(folder: string) {
  const database = dirname(folder);
  for (const entry of await readdir(database, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith(unfinished)) continue;
    const path = join(entry.parentPath, entry.name);
    const info = await stat(path).catch(() => null);
    if (info && Date.now() - info.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function missing(name: string, key: string) {
  return new StoreError(`Store ${name} has no ${key}.`, {
    hint: 'The receipt or the ledger names it, but the object is gone: use another copy or an earlier backup.',
    publicReason: 'a copy is missing from its store',
  });
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is read-only',
  EIO: 'the disk reports an error',
  EFBIG: 'the file would be too large',
};

function explain(error: unknown, name: string, verb: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof HoldfastError || !code || !/^E[A-Z]+$/.test(code)) return error;
  const reason = reasons[code] ?? code;
  return new StoreError(`Store ${name} could not be ${verb}: ${reason}.`, {
    hint: 'Nothing half-written was left, and earlier backups are untouched. Free space or mend the folder, then run it again.',
    publicReason: `a store could not be ${verb}: ${reason}`,
    cause: error,
  });
}
