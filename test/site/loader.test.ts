import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadStatus } from '../../site/src/status-file.ts';
import { goodMonth, hourMs, noon, policy, statusOf } from '../support/status-fixture.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-loader-'));
afterAll(() => rmSync(folder, { recursive: true }));

const good = statusOf(goodMonth());
const text = JSON.stringify(good);

function load(content: string): unknown {
  const file = path.join(folder, 'status.json');
  writeFileSync(file, content);
  return loadStatus(file);
}
const changed = (change: (status: typeof good) => void) => {
  const copy = structuredClone(good);
  change(copy);
  return JSON.stringify(copy);
};

test('a valid document is what it was', () => {
  expect(load(text)).toEqual(good);
});

test('no path at all', () => {
  expect(() => loadStatus(undefined)).toThrow('HOLDFAST_STATUS_FILE is not set');
  expect(() => loadStatus('')).toThrow('HOLDFAST_STATUS_FILE is not set');
});

test('no such file', () => {
  expect(() => loadStatus(path.join(folder, 'none.json'))).toThrow(/none\.json can't be read: ENOENT/);
});

test.each([
  ['empty', '', 'is empty'],
  ['blank', ' \n', 'is empty'],
  ['cut off', text.slice(0, -100), 'cut off or not JSON'],
  ['a page of an error', '<html>404</html>', 'cut off or not JSON'],
  ['null', 'null', 'not valid'],
  ['of another version', changed((status) => Object.assign(status, { version: 2 })), 'at version'],
  ['without facts', changed((status) => Reflect.deleteProperty(status, 'facts')), 'at facts'],
  [
    'with a time that is none',
    changed((status) => Object.assign(status.facts[0]!.newestGood!, { snapshotAt: 'yesterday' })),
    'at facts[0].newestGood.snapshotAt',
  ],
  ['with a field nobody knows', changed((status) => Object.assign(status, { mood: 'fine' })), 'mood'],
])('%s', (_, content, complaint) => {
  expect(() => load(content)).toThrow(complaint);
});

test('a verdict that its own facts contradict', () => {
  const late = statusOf(goodMonth(), noon + 30 * hourMs);
  late.health = { ...late.health, state: 'good', reasons: [] };
  expect(() => load(JSON.stringify(late))).toThrow(
    'its facts at 2026-11-23T18:00:00.000Z make it "critical"',
  );
});

test('a verdict made by a laxer policy than the one it names', () => {
  const strict = changed((status) => {
    status.policy = { ...policy, lateAfterHours: 1 };
  });
  expect(() => load(strict)).toThrow('contradicts itself');
});

test('a database that is shown but not judged', () => {
  expect(() =>
    load(changed((status) => status.databases.push({ ...good.databases[0]!, database: 'new' }))),
  ).toThrow('databases has crm, new, facts has crm');
});
