import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chooseTarget, wholeName, writeWhole } from '../../../src/export/target.ts';
import { ConfigError } from '../../../src/lib/errors.ts';

let folder: string;
const at = (name: string) => join(folder, name);
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-target-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const index = (files: string[]) =>
  JSON.stringify({
    version: 1,
    kind: 'holdfast export',
    id: 'x',
    database: 'crm',
    snapshotAt: '2026-11-22T02:00:00.000Z',
    format: 'csv',
    tables: files.map((file) => ({ file, schema: 's', table: 't', columns: [], rows: 0 })),
    notCarried: [],
  });

async function writeFileTarget(out: string, force: boolean, text: string) {
  return writeWhole(await chooseTarget(out, force), (temporary) =>
    writeFile(join(temporary, wholeName), text),
  );
}

describe('what --out means', () => {
  test('a file by its name, a folder by its slash, by being one, or by any other name', async () => {
    await mkdir(at('there.json'));
    const kindOf = async (out: string) => (await chooseTarget(out, false)).kind;
    expect(await kindOf(at('a.json'))).toBe('file');
    expect(await kindOf(at('A.JSON'))).toBe('file');
    expect(await kindOf(at('b.json/'))).toBe('folder');
    expect(await kindOf(at('there.json'))).toBe('folder');
    expect(await kindOf(at('c'))).toBe('folder');
    expect(await kindOf(at('c.csv'))).toBe('folder');
  });

  test('a place that cannot be one is refused', async () => {
    await writeFile(at('plain'), '');
    for (const out of ['plain', 'plain/', 'plain/a.json', 'missing/a.json'].map(at))
      await expect(chooseTarget(out, true), out).rejects.toThrow(ConfigError);
    await expect(chooseTarget('/dev/null', true)).rejects.toThrow(/is there and is no folder/);
  });
});

describe('a file', () => {
  test('is readable by its owner only, and nothing is beside it', async () => {
    await writeFileTarget(at('a.json'), false, 'new');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('that is there stays, without --force', async () => {
    await writeFile(at('a.json'), 'old');
    await expect(writeFileTarget(at('a.json'), false, 'new')).rejects.toThrow(/left as it is/);
    expect(await readFile(at('a.json'), 'utf8')).toBe('old');
    await writeFileTarget(at('a.json'), true, 'new');
    expect(await readFile(at('a.json'), 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('that appears meanwhile stays too', async () => {
    const target = await chooseTarget(at('a.json'), false);
    const work = async (temporary: string) => {
      await writeFile(join(temporary, wholeName), 'new');
      await writeFile(at('a.json'), 'theirs');
    };
    await expect(writeWhole(target, work)).rejects.toThrow(ConfigError);
    expect(await readFile(at('a.json'), 'utf8')).toBe('theirs');
    expect(await readdir(folder)).toEqual(['a.json']);
  });

  test('behind a link is replaced where the link leads', async () => {
    await writeFile(at('real.json'), 'old');
    await symlink(at('real.json'), at('link.json'));
    await writeFileTarget(at('link.json'), true, 'new');
    expect(await readFile(at('real.json'), 'utf8')).toBe('new');
  });

  test('is as it was when the work fails', async () => {
    await writeFile(at('a.json'), 'old');
    const work = async (temporary: string) => {
      await writeFile(join(temporary, wholeName), 'half');
      throw new Error('in the middle');
    };
    await expect(writeWhole(await chooseTarget(at('a.json'), true), work)).rejects.toThrow('in the middle');
    expect(await readFile(at('a.json'), 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.json']);
  });
});

describe('a folder', () => {
  const fill = (temporary: string) => writeFile(join(temporary, 'index.json'), index([]));

  test('that is empty is used, and closed to others', async () => {
    await mkdir(at('out'));
    await writeWhole(await chooseTarget(at('out'), false), fill);
    expect(await readdir(at('out'))).toEqual(['index.json']);
    expect((await stat(at('out'))).mode & 0o777).toBe(0o700);
    expect(await readdir(folder)).toEqual(['out']);
  });

  test('with an earlier export is replaced with --force only', async () => {
    await mkdir(at('out'));
    await writeFile(at('out/index.json'), index(['a.csv']));
    await writeFile(at('out/a.csv'), '');
    await expect(chooseTarget(at('out'), false)).rejects.toThrow(/left as it is/);
    await writeWhole(await chooseTarget(at('out'), true), fill);
    expect(await readdir(at('out'))).toEqual(['index.json']);
    expect(await readdir(folder)).toEqual(['out']);
  });

  test.each([
    {
      name: 'with anything else',
      files: { 'index.json': index(['a.csv']), 'mine.txt': '' },
      says: /"mine\.txt"/,
    },
    {
      name: 'with the index of something else',
      files: { 'index.json': '{}' },
      says: /no index\.json of an export/,
    },
    { name: 'without an index', files: { 'a.csv': '' }, says: /"a\.csv"/ },
  ])('$name is never replaced', async ({ files, says }) => {
    await mkdir(at('out'));
    for (const [name, text] of Object.entries(files)) await writeFile(at(`out/${name}`), text!);
    await expect(chooseTarget(at('out'), true)).rejects.toThrow(says);
    expect((await readdir(at('out'))).sort()).toEqual(Object.keys(files).sort());
  });

  test('that somebody fills meanwhile stays', async () => {
    const target = await chooseTarget(at('out'), false);
    const work = async (temporary: string) => {
      await fill(temporary);
      await mkdir(at('out'));
      await writeFile(at('out/theirs'), '');
    };
    await expect(writeWhole(target, work)).rejects.toThrow(/meanwhile/);
    expect(await readdir(at('out'))).toEqual(['theirs']);
    expect(await readdir(folder)).toEqual(['out']);
  });
});
