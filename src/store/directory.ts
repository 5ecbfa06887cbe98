import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DigestedBytes } from '../lib/digest.ts';
import { HoldfastError, StoreError } from '../lib/errors.ts';
import { filesBelow, giveName, makeFolders, removeEmptyFolders, statOf, syncFolders } from './folders.ts';
import { alreadyHeld, noSuchObject } from './object-errors.ts';
import type { Store } from './store.ts';

/** An object being written carries this ending, and eight random digits before it, until it is whole. */
const unfinished = '.partial';
/** A partial file this old belongs to a process that was killed. */
const abandonedAfterMs = 24 * 3_600_000;

/**
 * A store in a folder of this machine, such as a mounted disk. Objects are written beside their place, flushed to the
 * disk and only then named, so that a reader never sees half of one.
 */
export function directoryStore(name: string, folder: string): Store {
  const root = resolve(folder);
  const pathOf = (key: string) => join(root, ...key.split('/'));
  return {
    name,
    kind: 'directory',
    capabilities: { maxRetentionDays: null, isImmutable: false, maxSizeBytes: null },

    async put(key, content) {
      const path = pathOf(key);
      // Two runs that write the same key must not write into the same file.
      const partial = `${path}.${randomBytes(4).toString('hex')}${unfinished}`;
      let file: WriteStream | null = null;
      let contentError: unknown = null;
      let isNamed = false;
      content.on('error', (error) => {
        // When the disk fails first, the pipeline ends the content with the disk's error.
        if (!file?.errored) contentError = error;
      });
      try {
        // Before the folder is made: it may take an emptied folder of that name away.
        await removeAbandoned(dirname(path), root);
        await makeFolders(dirname(path));
        if (await statOf(path)) throw alreadyHeld(name, key);
        const measured = new DigestedBytes();
        // For its owner alone: an archive may be in clear.
        file = createWriteStream(partial, { flags: 'wx', flush: true, mode: 0o600 });
        await pipeline(content, measured, file);
        if (!(await giveName(partial, path))) throw alreadyHeld(name, key);
        isNamed = true;
        await syncFolders(dirname(path), root);
        return { sizeBytes: measured.sizeBytes, digest: measured.digest() };
      } catch (error) {
        content.destroy();
        for (const left of isNamed ? [partial, path] : [partial])
          await rm(left, { force: true }).catch(() => {});
        await removeEmptyFolders(dirname(path), root);
        throw contentError ?? explain(error, name, 'written to');
      }
    },

    async get(key) {
      const path = pathOf(key);
      const info = await statOf(path).catch((error) => {
        throw explain(error, name, 'read');
      });
      if (!info?.isFile()) throw noSuchObject(name, key);
      const stream = createReadStream(path, { highWaterMark: 1 << 18 });
      const destroy = stream._destroy.bind(stream);
      // The consumer sees our error and not the system's, which would name a path.
      stream._destroy = (error, done) =>
        destroy(error ? (explain(error, name, 'read') as Error) : error, done);
      return stream;
    },

    async size(key) {
      try {
        const info = await statOf(pathOf(key));
        return info?.isFile() ? info.size : null;
      } catch (error) {
        throw explain(error, name, 'read');
      }
    },

    async list(folder) {
      try {
        const files = await filesBelow(pathOf(folder));
        return files
          .filter((path) => !path.endsWith(unfinished))
          .map((path) => relative(root, path).split(sep).join('/'))
          .sort();
      } catch (error) {
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

/** What a killed run left in the folders of its database. It is in nobody's way: failing to remove it fails nothing. */
async function removeAbandoned(folder: string, root: string) {
  const database = folder === root ? root : dirname(folder);
  for (const path of await filesBelow(database).catch(() => [])) {
    if (!path.endsWith(unfinished)) continue;
    const info = await stat(path).catch(() => null);
    if (!info || Date.now() - info.mtimeMs < abandonedAfterMs) continue;
    await rm(path, { force: true }).catch(() => {});
    await removeEmptyFolders(dirname(path), root);
  }
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is read-only',
  EIO: 'the disk reports an error',
  ENOTDIR: 'a file stands where a folder belongs',
  EEXIST: 'a file stands where a folder belongs',
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
