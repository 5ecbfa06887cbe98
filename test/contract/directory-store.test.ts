import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from '../../src/lib/errors.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { failureOf, streamOf } from '../support/pieces.ts';
import { sayWhySkipped } from '../support/tools.ts';
import { storeContract } from './store.contract.ts';

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';

async function filesBelow(root: string): Promise<string[]> {
  if (!existsSync(root)) return [];
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

storeContract('directory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'));
  const root = join(folder, 'store');
  return {
    store: directoryStore('disk', root),
    everything: () => filesBelow(root),
    refuseWrites: () => writeFile(root, 'a file where the folder should be'),
    refuseReads: async (at) => {
      await rm(join(root, at));
      await symlink(join(root, at), join(root, at));
    },
    close: () => rm(folder, { recursive: true }),
  };
});

describe('a directory store and its disk', () => {
  let folder: string;
  let root: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'));
    root = join(folder, 'store');
    await mkdir(root);
  });
  afterEach(() => rm(folder, { recursive: true }));
  const store = () => directoryStore('disk', root);

  function mount(options: string): boolean {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', root], { stdio: 'ignore' });
      return true;
    } catch {
      sayWhySkipped('a disk that is full or read-only: no right to mount a tmpfs');
      return false;
    }
  }

  test('a full disk is a store error that says so, and the space is free again', async (context) => {
    if (!mount('size=2m')) return context.skip();
    try {
      const error = await failureOf(store().put(key, streamOf(Buffer.alloc(5_000_000))));
      expect(error).toBeInstanceOf(StoreError);
      expect(error).toMatchObject({
        message: 'Store disk could not be written to: the disk is full.',
        publicReason: 'a store could not be written to: the disk is full',
      });
      expect(await readdir(root)).toEqual([]);
      await store().put(key, streamOf(Buffer.alloc(1_000_000)));
    } finally {
      execFileSync('umount', [root]);
    }
  });

  test('a read-only disk is a store error that says so', async (context) => {
    if (!mount('size=1m,ro')) return context.skip();
    try {
      const error = await failureOf(store().put(key, streamOf(Buffer.from('rows'))));
      expect(error).toMatchObject({ name: 'StoreError', publicReason: expect.stringContaining('read-only') });
      expect(await store().list('crm')).toEqual([]);
    } finally {
      execFileSync('umount', [root]);
    }
  });

  test('no message names a path of the machine', async () => {
    await writeFile(join(root, 'crm'), 'a file where a folder belongs');
    await store().put('crm-2/x', streamOf(Buffer.from('rows')));
    const long = `crm-2/${'x'.repeat(300)}`;
    for (const work of [
      () => store().put(key, streamOf(Buffer.from('rows'))),
      () => store().put(long, streamOf(Buffer.from('rows'))),
      () => store().get(long),
      () => store().size(long),
      () => store().list('crm'),
    ]) {
      const error = await failureOf(work());
      expect(error).toBeInstanceOf(StoreError);
      expect(`${error.message} ${(error as StoreError).hint}`).not.toContain(folder);
    }
  });

  test('a folder given with a trailing slash or dots is the same folder', async () => {
    const crooked = directoryStore('disk', `${folder}/x/../store/`);
    await crooked.put(key, streamOf(Buffer.from('rows')));
    expect(await store().list('crm')).toEqual([key]);
    await crooked.remove(key);
    expect(await readdir(root)).toEqual([]);
  });

  test('a killed process leaves nothing that is listed, and a later backup clears it away', async () => {
    const script = `
      import { PassThrough } from 'node:stream';
      import { directoryStore } from ${JSON.stringify(new URL('../../src/store/directory.ts', import.meta.url).href)};
      const content = new PassThrough();
      content.write(Buffer.alloc(500_000));
      directoryStore('disk', ${JSON.stringify(root)}).put(${JSON.stringify(key)}, content);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
    for (let i = 0; i < 200 && (await filesBelow(root)).length === 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 25));
    child.kill('SIGKILL');
    await once(child, 'exit');

    const [left, ...more] = await filesBelow(root);
    expect([left, more]).toEqual([expect.stringMatching(/\.partial$/), []]);
    expect([await store().list('crm'), await store().size(key)]).toEqual([[], null]);

    const next = 'crm/crm-20261123T020000Z-k7qb/archive.tar.age';
    await store().put(next, streamOf(Buffer.from('rows')));
    expect(await filesBelow(root)).toContain(left);

    const yesterday = Date.now() / 1000 - 25 * 3600;
    await utimes(join(root, left!), yesterday, yesterday);
    await store().put(key, streamOf(Buffer.from('rows')));
    expect((await filesBelow(root)).sort()).toEqual([key, next]);
  });

  test('only its own leftovers are cleared away, never those beside its folder', async () => {
    const beside = join(dirname(root), 'download.partial');
    await writeFile(beside, 'of somebody else');
    await utimes(beside, 0, 0);
    await store().put('receipt.json', streamOf(Buffer.from('{}')));
    await store().put('crm/receipt.json', streamOf(Buffer.from('{}')));
    expect(existsSync(beside)).toBe(true);
  });
});
