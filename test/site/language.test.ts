import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesIn } from './built-site.ts';
import { buildVariant, newRoot } from './variants.ts';

/** German, to prove that no word is outside of the files of words. */

const root = newRoot();
let folder: string;
beforeAll(async () => {
  ({ folder } = await buildVariant(root, 'german'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');

test('home says it in German, numbers and times too', () => {
  const home = parse(read('index.html'));
  expect(home.querySelector('html')!.getAttribute('lang')).toBe('de');
  expect(home.querySelector('title')!.textContent).toMatch(/^Warnung seit 22\. Nov\. 2026, \d\d:\d\d UTC · /);
  expect(home.querySelector('[data-reasons]')!.textContent).toContain(
    'Der letzte Sicherungsversuch ist fehlgeschlagen',
  );
  expect(home.querySelector('.facts')!.textContent).toMatch(/\d\d\.\d\d\d Zeilen in 23 Tabellen/);
});

test('no page but the runbook has an English word of ours left', () => {
  const english =
    /\b(backups?|restore test|verification|since|until|snapshot|databases?|incidents?|lateness|newest|copies|took|stored|readable|restored|passed|failed|good|warning|critical)\b/i;
  for (const file of filesIn(folder).filter(
    (name) => name.endsWith('.html') && !name.startsWith('runbook'),
  )) {
    const body = parse(read(file)).querySelector('body')!;
    // Commands, ids and what the ledger itself said are the same in every language.
    for (const element of body.querySelectorAll(
      'script, template, pre, code, .why, .id, .links, [data-reasons]',
    ))
      element.remove();
    const text = body.textContent.replaceAll('Holdfast', '').replaceAll('status.json', '');
    expect(text.match(english)?.[0], file).toBeUndefined();
  }
});

test('the script carries German only', () => {
  const script = filesIn(folder).find((name) => name.endsWith('.js'))!;
  expect(read(script)).toContain('Wiederherstellungstest');
  expect(read(script)).not.toContain('Restore test');
});
