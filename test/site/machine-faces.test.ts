import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { parse } from 'node-html-parser';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { publicStatusSchema } from '../../src/health/public-status.ts';
import { composeStatus, type Status, statusSchema } from '../../src/health/status.ts';
import { noon, policy } from '../support/status-fixture.ts';
import { filesIn } from './built-site.ts';
import { threeYears } from './long-ledgers.ts';
import { buildStatus, newRoot } from './variants.ts';

/** What other programs read, of a site that knows its address; with three years of history of two databases. */

const url = 'https://acme.github.io/crm/';
const root = newRoot();
let status: Status;
let folder: string;
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8');

const records = [...threeYears('crm', 6), ...threeYears('billing', 6)];
const limitMs = 20_000;
let tookMs: number;

async function build(): Promise<number> {
  const startedMs = performance.now();
  status = statusSchema.parse(
    composeStatus(records, ['crm', 'billing'], policy, noon, { site: { locale: 'en', url } }),
  );
  ({ folder } = await buildStatus(root, 'years', status, '/crm/'));
  return performance.now() - startedMs;
}

beforeAll(async () => {
  tookMs = await build();
  // Idle it takes a third of that. Whatever else runs on the machine gets one chance to end.
  if (tookMs >= limitMs) tookMs = await build();
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('status.json is valid by its schema, and says what the issue of it says', () => {
  const document = publicStatusSchema.parse(JSON.parse(read('status.json')));
  expect(document).toMatchObject({
    version: 1,
    generatedAt: '2026-11-22T12:00:00.000Z',
    lastGoodAt: '2026-11-22T10:00:00.000Z',
    lateAfter: '2026-11-23T06:00:00.000Z',
    criticalAfter: '2026-11-23T10:00:00.000Z',
    health: { state: 'good', reasons: [], validUntil: '2026-11-23T06:00:00.000Z' },
  });
});

test('docs/status-json.md names every field of it, and none that it has not', () => {
  const page = readFileSync('docs/status-json.md', 'utf8');
  const named = new Set([...page.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!));
  expect([...named].sort()).toEqual(Object.keys(publicStatusSchema.shape).sort());
  for (const field of ['holdings', 'nextRunDue', ...Object.keys(publicStatusSchema.shape.health.shape)]) {
    expect(page, field).toContain(field);
  }
});

test('the feed has incidents and restore tests, with absolute links to pages that exist', () => {
  const text = read('atom.xml');
  const feed = parse(text).querySelector('feed')!;
  const entries = feed.querySelectorAll('entry');
  expect(entries).toHaveLength(50);
  const ids = entries.map((entry) => entry.querySelector('id')!.textContent);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id.startsWith('urn:holdfast:incident:')).length).toBeGreaterThan(5);
  const times = entries.map((entry) => entry.querySelector('updated')!.textContent);
  expect(times).toEqual(times.toSorted().toReversed());
  const links = [...text.matchAll(/<link [^>]*href="([^"]+)"/g)].map((match) => match[1]!);
  const files = new Set(filesIn(folder));
  for (const link of links) {
    expect(link.startsWith(url), link).toBe(true);
    const [target = '', fragment] = link.slice(url.length).split('#');
    const file = target === '' || target.endsWith('/') ? `${target}index.html` : target;
    expect(files, link).toContain(file);
    if (fragment) expect(read(file), link).toContain(`id="${fragment}"`);
  }
});

test('badges say until when they hold', () => {
  const svg = read('databases/crm/badge.svg');
  expect(svg).toContain('aria-label="crm backups: Good until 23 Nov 2026, 06:00 UTC"');
  expect(svg).not.toMatch(/href|script|@import/);
  expect(JSON.parse(read('databases/crm/shields.json'))).toEqual({
    schemaVersion: 1,
    label: 'crm backups',
    message: 'Good until 23 Nov 2026, 06:00 UTC',
    color: 'brightgreen',
    isError: false,
    cacheSeconds: 300,
  });
  expect(JSON.parse(read('shields.json')).label).toBe('backups');
});

test('metrics are in the text format, with times as seconds', () => {
  const lines = read('metrics.txt').trimEnd().split('\n');
  for (const line of lines) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) holdfast_\w+ .+|holdfast_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.]+)$/,
    );
  }
  expect(lines).toContain('holdfast_health{database="crm"} 0');
  expect(lines).toContain(
    `holdfast_newest_good_backup_timestamp_seconds{database="crm"} ${Date.parse('2026-11-22T10:00:00Z') / 1000}`,
  );
});

test('beside each receipt lies the same as JSON', () => {
  const [test] = status.databases[0]!.restoreTests;
  expect(JSON.parse(read(`restore-tests/${test!.id}.json`))).toEqual({
    version: 1,
    database: 'crm',
    ...test,
  });
});

test('the card of social networks is there, and has no verdict that could go stale in their caches', () => {
  const card = parse(read('index.html')).querySelector('meta[property="og:image"]')!;
  expect(card.getAttribute('content')).toBe(`${url}card.png`);
  const png = readFileSync(path.join(folder, 'card.png'));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1200, 630]);
  expect(
    parse(read('index.html')).querySelector('meta[property="og:title"]')!.getAttribute('content'),
  ).not.toMatch(/Good|Warning|Critical/);
});

test('the home page with three years of history is at most 60 kB, all that it fetches counted', () => {
  const home = parse(read('index.html'));
  const fetched = home
    .querySelectorAll('script[src], link[rel=stylesheet], link[rel=icon]')
    .map((element) => (element.getAttribute('src') ?? element.getAttribute('href'))!.replace('/crm/', ''));
  expect(fetched.length).toBeGreaterThanOrEqual(3);
  const sizes = ['index.html', 'status.json', ...fetched].map((name) => gzipSync(read(name)).length);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(60_000);
});

test('more than ten thousand records are built in less than 20 seconds', () => {
  expect(records.length).toBeGreaterThan(10_000);
  expect(tookMs).toBeLessThan(limitMs);
});
