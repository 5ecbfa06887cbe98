import { rmSync } from 'node:fs';
import { type HTMLElement, parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { read } from './built-site.ts';
import { linksAndPolicy } from './links-and-policy.ts';
import { type BuiltVariant, buildVariant, newRoot, pagesOf } from './variants.ts';

const root = newRoot();
let good: BuiltVariant;
let critical: BuiltVariant;

beforeAll(async () => {
  good = await buildVariant(root, 'good');
  critical = await buildVariant(root, 'critical', '/repo/');
});
afterAll(() => rmSync(root, { recursive: true }));

const page = (variant: BuiltVariant, address: string) => parse(read(variant, `${address}index.html`));
const words = (element: HTMLElement | null) => element?.textContent.replace(/\s+/g, ' ').trim();

linksAndPolicy(() => ({ good, critical }));

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
      'Snapshot of 22 Nov 2026, 02:00 UTC, proved readable in 2 stores: crm-',
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
      'Critical since 21 Nov 2026, 02:00 UTC · Holdfast backup status',
    );
    expect(home.querySelectorAll('ul[data-reasons] > li').map(words)).toEqual([
      'Critical crm: No good backup for more than 24 hours. Since 21 Nov 2026, 02:00 UTC',
      'Critical crm: The last restore test failed: the restored content differs. Since 21 Nov 2026, 06:01 UTC',
      'Warning crm: The last backup attempt failed: the database could not be reached. Since 22 Nov 2026, 10:00 UTC',
      'Warning crm: A restore test could not run: no scratch </script><img src=x onerror=alert(1)>. Since 22 Nov 2026, 09:01 UTC',
      'Warning crm: The last verification failed: the restored content differs. Since 21 Nov 2026, 04:01 UTC',
    ]);
    expect(words(home.querySelector('.database h2'))).toBe('crm Critical');
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
  const commands = shown.querySelectorAll('pre').map((each) => each.textContent);
  expect(commands[0]).toContain(`holdfast -- restore ${tested.id} --to TARGET --mode replace --plan`);
  expect(commands[1]).toContain(`holdfast -- restore-test ${tested.id}`);
  expect(words(shown.querySelector('section[aria-labelledby=restore]'))).toContain(
    'https://github.com/example/crm/actions/workflows/restore.yml',
  );

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

test('a database has a page with its history, charts, copies and attempts', () => {
  const shown = page(critical, 'databases/crm/');
  expect(words(shown.querySelector('h1'))).toBe('crm Critical');
  expect(words(shown.querySelector('title'))).toBe('Critical since 21 Nov 2026, 02:00 UTC · Backups of crm');
  expect(shown.querySelectorAll('[data-reasons] > li')).toHaveLength(5);
  expect(shown.querySelectorAll('h2').map(words)).toEqual([
    'Reasons',
    'Backups',
    'Recent incidents',
    'Recent attempts',
  ]);
  const text = words(shown.querySelector('main'));
  expect(text).toContain('not good (was stored)');
  expect(text).toContain('Backup failed the database could not be reached 3.1 s');
  expect(text).toContain('scheduled runs; the greatest lateness: less than a minute');
});

test('the bar of days says the same as its table', () => {
  const shown = page(good, '');
  expect(shown.querySelector('.days')!.getAttribute('aria-label')).toMatch(
    /^Last 90 days\. Days that were Good: \d+, Warning: \d+, Critical: \d+, without data: 59\. Good for [\d.]+ % of the time/,
  );
  const rows = shown.querySelectorAll('.chart table')[0]!.querySelectorAll('tbody tr').map(words);
  expect(rows.at(-1)).toBe('25 Aug 2026 – 22 Oct 2026 No data');
});

test('incidents and the pages that explain are there', () => {
  const incidents = page(critical, 'incidents/');
  const open = incidents.querySelectorAll('tbody tr').map(words)[0]!;
  expect(open).toMatch(/^\d+ Nov 2026, \d\d:\d\d UTC crm Critical .* so far Goes on$/);
  const about = words(page(good, 'about/').querySelector('main'));
  expect(about).toContain('snapshot is more than 24 hours old');
  expect(about).toContain('the median of up to 14 good backups of the last 30 days');
  const runbook = page(good, 'runbook/');
  for (const id of ['data-is-lost-or-wrong', 'backups-are-missing', 'the-identity-is-lost']) {
    expect(runbook.querySelector(`h2[id="${id}"]`), id).not.toBeNull();
  }
});
