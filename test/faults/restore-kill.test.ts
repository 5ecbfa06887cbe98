import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillCrm } from '../../src/demo/crm.ts';
import { type CliFolder, openCliFolder } from '../support/cli.ts';
import { contentRootOf } from '../support/content-root.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/**
 * A restore that is killed at random points, ourselves or the server's backend: the target is as it was, to the row, or it
 * is the backup. HOLDFAST_KILLS says how often; each takes a few seconds.
 */
const kills = Number(process.env['HOLDFAST_KILLS'] ?? 6);

let url: string;
let place: CliFolder;
let id: string;
let before: string;
let typicalMs: number;
const restoreArguments = () => [
  'restore',
  id,
  '--to',
  'TARGET',
  '--mode',
  'replace',
  '--confirm',
  'RESTORE',
  '--identity-file',
  place.identityFile,
];

beforeAll(async () => {
  place = await openCliFolder();
  url = await newDatabase(18);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await fillCrm(client, { seed: 5, enquiries: 1500, now: new Date('2026-11-01T00:00:00Z') });
  await client.end();
  id = JSON.parse((await place.holdfast(['backup', '--json'], { DATABASE_URL: url })).stdout).backups[0].id;
  const spoil = `TRUNCATE enquiries CASCADE; UPDATE staff SET email = 'x' || id || '@example.com'; CREATE TABLE IF NOT EXISTS later (a int)`;
  await run(url, spoil);
  const startedMs = Date.now();
  expect(await place.holdfast(restoreArguments(), { TARGET: url })).toMatchObject({ code: 0 });
  typicalMs = Date.now() - startedMs;
  await run(url, spoil);
  before = await contentRootOf(url);
}, 180_000);
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await stopServers();
});

async function untilNobodyIsConnected() {
  for (let tries = 0; tries < 400; tries++) {
    const [row] = await run(
      url,
      `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'holdfast'`,
    );
    if (row!['n'] === 0) return;
    await delay(25);
  }
  throw new Error('a session of the killed restore is still there');
}

test(`killed at ${kills} random points`, async () => {
  let inside = 0;
  for (let kill = 0; kill < kills; kill++) {
    // Spread over the whole run, and within each part at random.
    const atMs = typicalMs * ((kill + Math.random()) / kills);
    const { child, ended } = place.start(restoreArguments(), { TARGET: url });
    await delay(atMs);
    if (kill % 2 === 0) child.kill('SIGKILL');
    else
      await run(
        url,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast'`,
      );
    const { code, stderr } = await ended;
    // A server that ends our sessions is the outside world, and no bug of ours.
    if (kill % 2 === 1) expect([0, 3], stderr).toContain(code);
    await untilNobodyIsConnected();
    const records = (await place.ledger()).filter((record) => record['verb'] === 'restore');
    const last = records.at(-1) as { phase: string } | undefined;
    if (last?.phase === 'began') inside += 1;
    const root = await contentRootOf(url);
    if (root !== before) {
      // It had committed: then it must be the backup, whole.
      expect((await run(url, 'SELECT count(*)::int AS n FROM enquiries'))[0]).toEqual({ n: 1500 });
      await run(
        url,
        `TRUNCATE enquiries CASCADE; UPDATE staff SET email = 'x' || id || '@example.com'; CREATE TABLE IF NOT EXISTS later (a int)`,
      );
      before = await contentRootOf(url);
    } else if (code === 0) throw new Error(`it said that it had restored, and had not:\n${stderr}`);
  }
  // Some of the kills must have met the transaction itself, or this shows nothing.
  expect(inside).toBeGreaterThan(0);
}, 600_000);
