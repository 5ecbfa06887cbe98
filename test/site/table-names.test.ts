import { rmSync } from 'node:fs';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { composeStatus } from '../../src/health/status.ts';
import type { BackupRecord } from '../../src/ledger/record.ts';
import { backup, hourMs, noon, policy, restoreTest } from '../support/status-fixture.ts';
import { filesIn, read } from './built-site.ts';
import { buildStatus, newRoot } from './variants.ts';

/** Names of tables where the configuration publishes them, and a backup that a CRM made. */

const root = newRoot();
let site: { folder: string };
const changed = (record: BackupRecord, more: object): BackupRecord =>
  ({ ...record, result: { ...record.result!, ...more } }) as BackupRecord;
const named = changed(backup(noon - 3 * hourMs), {
  namedTables: [{ name: 'public.poison_<patients>', rows: 4_000 }],
});
const ofCrm = changed(backup(noon - 4 * hourMs, { database: 'made-by-crm' }), {
  source: 'crm-api',
  serverMajor: 15,
});
const tests = [
  restoreTest(noon - 2 * hourMs, named),
  restoreTest(noon - hourMs, ofCrm, { database: 'made-by-crm' }),
];

beforeAll(async () => {
  const records = [named, ofCrm, ...tests];
  const status = composeStatus(records, ['crm', 'made-by-crm'], policy, noon, { details: 'tables' });
  site = await buildStatus(root, 'named', status);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('they are on the pages of the backup and of its restore test, with their rows', () => {
  for (const address of [`backups/${named.backupId}`, `restore-tests/${tests[0]!.id}`]) {
    const table = parse(read(site, `${address}/index.html`)).querySelector('table[aria-labelledby=tables]')!;
    const [row] = table.querySelectorAll('tbody tr');
    expect(row!.querySelector('th')!.textContent.trim()).toBe('public.poison_<patients>');
    expect(row!.querySelector('td')!.textContent.trim()).toBe('4,000');
  }
});

test('they are on no other page', () => {
  const found = filesIn(site.folder).filter((name) => read(site, name).includes('poison'));
  expect(found.sort()).toEqual(
    [
      `backups/${named.backupId}/index.html`,
      `restore-tests/${tests[0]!.id}.json`,
      `restore-tests/${tests[0]!.id}/index.html`,
    ].sort(),
  );
});

test('what a CRM gave is not said to be of a PostgreSQL of its own', () => {
  const page = read(site, `backups/${ofCrm.backupId}/index.html`);
  expect(page).toContain('CRM, by its own backup');
  expect(page).not.toMatch(/PostgreSQL 15/);
  const receipt = read(site, `restore-tests/${tests[1]!.id}/index.html`);
  expect(receipt).toContain('from the CRM’s own backup');
  expect(receipt).not.toMatch(/from PostgreSQL/);
});
