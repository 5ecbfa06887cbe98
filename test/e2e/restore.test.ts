import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliFolder, openCliFolder } from '../support/cli.ts';
import { contentRootOf } from '../support/content-root.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** What a maintainer types on a bad day, and mistypes. */

let place: CliFolder;
let url: string;
let first: string;
let secondAt: string;
let broken: string;

const restore = (args: string[], env: Record<string, string> = { TARGET: url }) =>
  place.holdfast(['restore', ...args, '--identity-file', place.identityFile], env);
const backup = async () =>
  JSON.parse((await place.holdfast(['backup', '--json'], { DATABASE_URL: url })).stdout).backups[0];

beforeAll(async () => {
  place = await openCliFolder();
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE staff (id int PRIMARY KEY, name text); INSERT INTO staff VALUES (1, 'Ada'), (2, 'Bob')`,
  );
  first = (await backup()).id;
  await run(url, `INSERT INTO staff VALUES (3, 'Cy')`);
  secondAt = (await backup()).receipt.snapshotAt;
  await run(url, `DELETE FROM staff; CREATE TABLE mistake (a int)`);
  broken = await contentRootOf(url);
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await stopServers();
});

test('--plan says what would happen and changes nothing', async () => {
  const result = await restore(['latest', '--to', 'TARGET', '--mode', 'replace', '--plan']);
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('the database this backup was taken of');
  expect(result.stderr).toMatch(/public\.staff +0 +3/);
  expect(result.stderr).toMatch(/would vanish: \d+ objects[\s\S]*pg_class public\.mistake/);
  expect(result.stdout).toContain('nothing was changed');
  expect(await contentRootOf(url)).toBe(broken);
  expect((await place.ledger()).filter((record) => record['verb'] === 'restore')).toEqual([]);
});

test.each([
  {
    name: 'not confirmed',
    args: ['latest', '--to', 'TARGET', '--mode', 'replace'],
    says: 'was not confirmed',
  },
  {
    name: 'confirmed in small letters',
    args: ['latest', '--to', 'TARGET', '--mode', 'replace', '--confirm', 'restore'],
    says: 'in capitals',
  },
  {
    name: 'into an empty database, which it is not',
    args: ['latest', '--to', 'TARGET', '--mode', 'new', '--confirm', 'RESTORE'],
    says: 'is not empty',
  },
  { name: 'no mode', args: ['latest', '--to', 'TARGET', '--confirm', 'RESTORE'], says: '--mode' },
  {
    name: 'a target that is not set',
    args: ['latest', '--to', 'TRAGET', '--mode', 'replace', '--confirm', 'RESTORE'],
    says: 'neither a URL nor a variable',
  },
  {
    name: 'tables without tables',
    args: ['latest', '--to', 'TARGET', '--mode', 'tables', '--confirm', 'RESTORE'],
    says: 'needs --tables',
  },
  {
    name: 'a table that is not in the backup',
    args: [
      'latest',
      '--to',
      'TARGET',
      '--mode',
      'tables',
      '--tables',
      'public.stuff',
      '--confirm',
      'RESTORE',
    ],
    says: 'no rows of a table public.stuff',
  },
  {
    name: 'a moment before the first backup',
    args: ['--as-of', '2020-01-01T00:00Z', '--to', 'TARGET', '--mode', 'replace', '--confirm', 'RESTORE'],
    says: 'no good backup',
  },
  {
    name: 'a moment without a zone',
    args: ['--as-of', '2026-01-01', '--to', 'TARGET', '--mode', 'replace'],
    says: 'with its zone',
  },
])('$name: refused, the target as it was', async ({ args, says }) => {
  const result = await restore(args);
  expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(says) });
  expect(await contentRootOf(url)).toBe(broken);
});

test('as of a moment, then the chosen table of a later one', async () => {
  const result = await restore([
    '--as-of',
    new Date(Date.parse(secondAt) - 1).toISOString(),
    '--to',
    'TARGET',
    '--mode',
    'replace',
    '--confirm',
    'RESTORE',
    '--json',
  ]);
  expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining(`restore ${first}`) });
  expect(await run(url, 'SELECT count(*)::int AS n FROM staff')).toEqual([{ n: 2 }]);
  expect(JSON.parse(result.stdout).done.before).toMatch(/^crm-/);

  // What was taken before the restore is kept, and is not what "latest" means.
  const list = JSON.parse((await place.holdfast(['list', '--json'])).stdout).backups;
  expect(list).toHaveLength(4);
  const status = JSON.parse((await place.holdfast(['status', '--json'])).stdout);
  expect(status.facts[0].newestGood.id).toBe(JSON.parse(result.stdout).done.after);

  await run(url, `CREATE TABLE stays (a int)`);
  const again = await restore([
    'latest',
    '--to',
    'TARGET',
    '--mode',
    'tables',
    '--tables',
    'staff',
    '--confirm',
    'RESTORE',
  ]);
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 rows in 1 table, proved equal'),
  });
  expect(await run(url, 'SELECT count(*)::int AS n FROM stays')).toEqual([{ n: 0 }]);
});
