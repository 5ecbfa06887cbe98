import { createHash } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type HTMLElement, parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesIn } from './built-site.ts';
import { type BuiltVariant, buildVariant, newRoot, pagesOf } from './variants.ts';

const root = newRoot();
let good: BuiltVariant;
let critical: BuiltVariant;

beforeAll(async () => {
  good = await buildVariant(root, 'good');
  critical = await buildVariant(root, 'critical', '/repo/');
});
afterAll(() => rmSync(root, { recursive: true }));

const read = (variant: BuiltVariant, file: string) => readFileSync(path.join(variant.folder, file), 'utf8');
const page = (variant: BuiltVariant, address: string) => parse(read(variant, `${address}index.html`));
const htmlFiles = (variant: BuiltVariant) => filesIn(variant.folder).filter((name) => name.endsWith('.html'));
const words = (element: HTMLElement | null) => element?.textContent.replace(/\s+/g, ' ').trim();

describe('home says it in words', () => {
  test('good', () => {
    const home = page(good, '');
    expect(words(home.querySelector('h1'))).toBe('Backups: Good');
    expect(words(home.querySelector('title'))).toBe('Good · Holdfast backup status');
    expect(words(home.querySelector('.times'))).toBe(
      'Computed 22 Nov 2026, 12:00 UTC. Valid until 22 Nov 2026, 22:00 UTC; after that, treat as unknown.',
    );
    expect(words(home.querySelector('.newest'))).toContain('10 h old when computed');
    expect(words(home.querySelector('.newest'))).toContain(
      'Snapshot of 22 Nov 2026, 02:00 UTC, proved readable: crm-',
    );
    expect(words(home.querySelector('.facts'))).toContain(
      '47,016 rows in 23 tables compared, restored in 41.4 s.',
    );
    expect(words(home.querySelector('[data-deadline-of=crm]'))).toBe('22 Nov 2026, 22:00 UTC');
  });

  test('critical, with its reasons, their times and the failed attempts', () => {
    const home = page(critical, '');
    expect(words(home.querySelector('h1'))).toBe('Backups: Critical');
    expect(words(home.querySelector('title'))).toBe(
      'Critical since 20 Nov 2026, 02:00 UTC · Holdfast backup status',
    );
    expect(home.querySelectorAll('ul[data-reasons] > li').map(words)).toEqual([
      'Critical crm: No good backup for more than 24 hours. Since 20 Nov 2026, 02:00 UTC',
      'Critical crm: The last restore test failed: the restored content differs. Since 21 Nov 2026, 06:01 UTC',
      'Warning crm: The last backup attempt failed: the database could not be reached. Since 22 Nov 2026, 10:00 UTC',
      'Warning crm: A restore test could not run: no scratch </script><img src=x onerror=alert(1)>. Since 22 Nov 2026, 09:01 UTC',
      'Warning crm: The last verification failed: the restored content differs. Since 21 Nov 2026, 04:01 UTC',
    ]);
    const crm = home.querySelectorAll('.database')[0]!;
    expect(words(crm.querySelector('h2'))).toBe('crm Critical');
    expect(words(crm)).toContain('not good (was stored)');
    expect(words(crm)).toContain('Backup failed the database could not be reached 3.1 s');
    expect(words(home.querySelectorAll('.database h2')[1]!)).toBe('billing-eu Good');
  });
});

test('a backup has a page with its ladder, digests and the command to check it', () => {
  const tested = good.status.databases[0]!.backups.find((each) => each.rung === 'restored')!;
  const shown = page(good, `backups/${tested.id}/`);
  expect(shown.querySelectorAll('.ladder li strong').map(words)).toEqual([
    'restored',
    'readable',
    'intact',
    'stored',
  ]);
  expect(shown.querySelectorAll('.ladder li[data-reached=true]')).toHaveLength(4);
  expect(shown.querySelectorAll('.digest').map(words)).toContain(tested.contentRoot);
  expect(shown.querySelector('pre')?.textContent).toContain(`holdfast -- restore-test ${tested.id}`);

  const newest = page(good, `backups/${good.status.databases[0]!.backups[0]!.id}/`);
  expect(words(newest.querySelector('.ladder li'))).toContain('Not reached');
});

test('a restore test has a receipt, passed or not', () => {
  const receipts = (variant: BuiltVariant) =>
    pagesOf(variant.status).filter((each) => each.startsWith('restore'));
  const passed = page(good, receipts(good)[0]!);
  expect(words(passed.querySelector('.stamp'))).toBe('Passed');
  const [expected, actual] = passed.querySelectorAll('.roots .digest').map(words);
  expect(expected).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(actual).toBe(expected);
  expect(words(passed)).toContain('The two are equal: 47,016 rows in 23 tables were compared, none');

  const failures = receipts(critical)
    .slice(0, 2)
    .map((address) => page(critical, address));
  expect(failures.map((each) => words(each.querySelector('.stamp')))).toEqual(['Could not run', 'Failed']);
  expect(words(failures[1]!)).toContain('The two are not equal');
});

test('status.json is the document itself', () => {
  expect(JSON.parse(read(good, 'status.json'))).toEqual(good.status);
});

describe.each(['good', 'critical'])('links and resources of %s', (name) => {
  const variant = () => (name === 'good' ? good : critical);
  const base = name === 'good' ? '/' : '/repo/';

  test('all lead to files under the base path, and their fragments to elements', () => {
    const files = new Set(filesIn(variant().folder));
    const runs = new Set(
      variant()
        .status.databases.flatMap((each) => each.attempts)
        .map((each) => each.runUrl),
    );
    for (const file of htmlFiles(variant())) {
      const document = parse(read(variant(), file));
      for (const element of document.querySelectorAll('[href], [src]')) {
        const address = element.getAttribute('href') ?? element.getAttribute('src') ?? '';
        if (element.tagName === 'A' && runs.has(address)) continue;
        const [target = '', fragment] = address.split('#');
        if (target !== '') expect(target.startsWith(base), `${file}: ${address}`).toBe(true);
        const wanted = target === '' ? file : target.slice(base.length).replace(/(^|\/)$/, '$1index.html');
        expect(files, `${file}: ${address}`).toContain(wanted);
        if (fragment) {
          const there = parse(read(variant(), wanted)).querySelector(`[id="${fragment}"]`);
          expect(there, `${file}: ${address}`).not.toBeNull();
        }
      }
    }
  });

  test('nothing is fetched from elsewhere', () => {
    for (const file of filesIn(variant().folder).filter((each) => /\.(?:css|js)$/.test(each))) {
      expect(read(variant(), file)).not.toMatch(/https?:|@import|url\(\s*["']?(?!#)/);
    }
  });
});

describe('the content security policy', () => {
  test('forbids all but its own files', () => {
    for (const file of htmlFiles(good)) {
      const policy = parse(read(good, file)).querySelector('meta[http-equiv]')!.getAttribute('content')!;
      expect(policy).toMatch(/^default-src 'none';/);
      expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
  });

  test('knows the hash of every inline script, and no inline style is used', () => {
    for (const file of htmlFiles(good)) {
      const document = parse(read(good, file));
      const policy = document.querySelector('meta[http-equiv]')!.getAttribute('content')!;
      for (const script of document.querySelectorAll('script:not([src]):not([type="application/json"])')) {
        const hash = createHash('sha256').update(script.innerHTML).digest('base64');
        expect(policy).toContain(`'sha256-${hash}'`);
      }
      expect(document.querySelectorAll('style, [style], [onclick], [onload], [onerror]')).toEqual([]);
    }
  });
});

test('the script of the page is small and brings no schema library', () => {
  const scripts = filesIn(good.folder).filter((name) => name.endsWith('.js'));
  const text = scripts.map((name) => read(good, name)).join('');
  expect(text.length).toBeGreaterThan(1000);
  expect(text.length).toBeLessThan(12_000);
  expect(text).not.toMatch(/zod/i);
});

test('what is embedded in the page can not end its element', () => {
  const script = page(critical, '').querySelector('#judgement')!;
  expect(script.innerHTML).toContain('no scratch \\u003c/script>');
  expect(script.innerHTML).not.toContain('<');
  expect(JSON.parse(script.innerHTML)).toMatchObject({
    facts: critical.status.facts,
    policy: critical.status.policy,
  });
});
