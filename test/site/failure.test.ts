import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildSite } from '../../src/health/build-site.ts';
import { ConfigError, StoreError } from '../../src/lib/errors.ts';
import { filesIn } from './built-site.ts';
import { type BuiltVariant, buildVariant, documents, newRoot } from './variants.ts';

/** A build without trustworthy data must fail, and must not touch the page that is already there. */

const checkout = fileURLToPath(new URL('../../', import.meta.url));
const root = newRoot();
let earlier: BuiltVariant;
let before: Map<string, string>;

const contentOf = (folder: string) =>
  new Map(filesIn(folder).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]));

beforeAll(async () => {
  earlier = await buildVariant(root, 'good');
  before = contentOf(earlier.folder);
});
afterAll(() => rmSync(root, { recursive: true }));

test.each([
  ['missing', null, /can't be read: ENOENT/],
  ['empty', '', /is empty/],
  ['cut off', JSON.stringify(documents.good).slice(0, 5000), /cut off or not JSON/],
  ['invalid', JSON.stringify({ ...documents.good, generatedAt: 'today' }), /at generatedAt/],
])('a status file that is %s', async (name, content, complaint) => {
  const statusFile = path.join(root, `${name}.json`);
  if (content !== null) writeFileSync(statusFile, content);
  const error: unknown = await buildSite({ statusFile, outDir: earlier.folder }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(StoreError);
  expect((error as StoreError).message).toMatch(complaint);
  expect((error as StoreError).message).not.toMatch(/^\s+at /m);
  expect(contentOf(earlier.folder)).toEqual(before);
});

test('a good build replaces the whole folder, and leaves nothing else beside it', async () => {
  const outDir = path.join(root, 'replaced');
  mkdirSync(outDir);
  for (const name of ['status.json', 'leftover.html']) writeFileSync(path.join(outDir, name), 'earlier');
  await buildSite({ statusFile: path.join(root, 'good.json'), outDir });
  expect(contentOf(outDir)).toEqual(before);
  expect(filesIn(root).filter((name) => /incoming|outgoing/.test(name))).toEqual([]);
});

test('a folder with anything else in it is refused before anything is built', async () => {
  const outDir = path.join(root, 'mine');
  mkdirSync(outDir);
  writeFileSync(path.join(outDir, 'thesis.txt'), 'precious');
  const build = buildSite({ statusFile: path.join(root, 'good.json'), outDir });
  await expect(build).rejects.toBeInstanceOf(ConfigError);
  expect(filesIn(outDir)).toEqual(['thesis.txt']);
});

test('a warm cache never stands in for a broken file', () => {
  mkdirSync(path.join(checkout, '.holdfast'), { recursive: true });
  const folder = mkdtempSync(path.join(checkout, '.holdfast', 'warm-'));
  const statusFile = path.join(folder, 'status.json');
  const build = () =>
    spawnSync(
      process.execPath,
      ['node_modules/astro/bin/astro.mjs', 'build', '--root', 'site', '--outDir', path.join(folder, 'out')],
      {
        cwd: checkout,
        encoding: 'utf8',
        env: {
          PATH: process.env['PATH'],
          ASTRO_TELEMETRY_DISABLED: '1',
          HOLDFAST_STATUS_FILE: statusFile,
          HOLDFAST_SITE_CACHE: path.join(folder, 'cache'),
        },
      },
    );
  try {
    writeFileSync(statusFile, JSON.stringify(documents.good));
    expect(build().status).toBe(0);
    writeFileSync(statusFile, '');
    const second = build();
    expect(second.status).toBe(1);
    expect(second.stdout + second.stderr).toContain('is empty');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
