import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { publicStatus } from '../../src/health/public-status.ts';
import { directoryLedger } from '../../src/ledger/directory.ts';
import { HoldfastError } from '../../src/lib/errors.ts';
import { silent } from '../../src/lib/progress.ts';
import { page } from '../../src/page.ts';
import { status } from '../../src/status.ts';
import { backup, noon, policy } from '../support/status-fixture.ts';
import { filesIn } from './built-site.ts';

/** Without a ledger that can be trusted there is nothing to publish: the page that is there stays, and ages. */

const root = mkdtempSync(path.join(tmpdir(), 'holdfast-ledger-'));
const folder = path.join(root, 'ledger');
const outDir = path.join(root, 'page');
const line = `${JSON.stringify(backup(noon))}\n`;
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir);
  writeFileSync(path.join(outDir, 'status.json'), 'published');
  writeFileSync(path.join(outDir, 'index.html'), 'published');
});

test.each<[string, Record<string, string> | null, string]>([
  ['missing', null, 'There is no ledger yet'],
  ['without a file', {}, 'There is no ledger yet'],
  ['empty', { '2026-11.ndjson': '' }, 'The ledger is empty'],
  ['cut off', { '2026-11.ndjson': line + line.slice(0, -40) }, 'line 2 of 2026-11.ndjson is cut short'],
  [
    'cut off within a line',
    { '2026-11.ndjson': `${line.slice(0, 100)}\n${line}` },
    'line 1 of 2026-11.ndjson',
  ],
  [
    'not a ledger',
    { '2026-11.ndjson': '{"version":1,"verb":"backup"}\n' },
    'is not a record of a known version',
  ],
  ['of a later version', { '2026-11.ndjson': line.replace('"version":1', '"version":9') }, 'known version'],
])('a ledger that is %s', async (_, files, complaint) => {
  if (files !== null) mkdirSync(folder);
  for (const [name, text] of Object.entries(files ?? {})) writeFileSync(path.join(folder, name), text);
  for (const site of [true, false]) {
    const error: unknown = await status(
      { ledger: directoryLedger(folder), now: () => noon, progress: silent },
      { databases: ['crm'], policy, outDir, site },
    ).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(HoldfastError);
    expect((error as HoldfastError).message).toContain(complaint);
  }
  expect(filesIn(root).filter((name) => !name.startsWith('ledger'))).toEqual([
    'page/index.html',
    'page/status.json',
  ]);
  expect(readFileSync(path.join(outDir, 'status.json'), 'utf8')).toBe('published');
});

test('what is written without the page is all that the page is built from, elsewhere and later', async () => {
  mkdirSync(folder);
  writeFileSync(path.join(folder, '2026-11.ndjson'), line);
  const result = await status(
    { ledger: directoryLedger(folder), now: () => noon, progress: silent },
    { databases: ['crm'], policy, outDir, site: false },
  );
  const statusFile = path.join(outDir, 'status.json');
  expect(JSON.parse(readFileSync(statusFile, 'utf8'))).toEqual(result);
  const built = path.join(root, 'built');
  await page(
    { progress: silent },
    { statusFile, outDir: built, base: '/crm', siteUrl: 'https://acme.github.io', locale: 'de' },
  );
  const published = JSON.parse(readFileSync(path.join(built, 'status.json'), 'utf8'));
  expect(published).toEqual(publicStatus(result));
  expect(readFileSync(path.join(built, 'index.html'), 'utf8')).toContain('href="/crm/runbook/"');
  expect(readFileSync(path.join(built, 'atom.xml'), 'utf8')).toContain(
    '"https://acme.github.io/crm/atom.xml"',
  );
  rmSync(built, { recursive: true });

  // The published part is not enough to build a page from, and is refused before anything is written.
  writeFileSync(statusFile, JSON.stringify(published));
  for (const file of [statusFile, path.join(outDir, 'none.json')]) {
    await expect(page({ progress: silent }, { statusFile: file, outDir: built })).rejects.toBeInstanceOf(
      HoldfastError,
    );
  }
  expect(filesIn(root).filter((name) => name.startsWith('built'))).toEqual([]);
});
