import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { contentRootOf } from '../support/content-root.ts';
import { expectRightState, faultTries, note, openScene, told } from '../support/faults/scene.ts';
import { startTcpProxy, type TcpProxy } from '../support/faults/tcp-proxy.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** The network between us and PostgreSQL, and the server itself, at random points of a backup and of a restore. */

let url: string;
let usualBytes: number;
let proxy: TcpProxy;
let place: Workplace;
let earlier: string;

beforeAll(async () => {
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) AS a FROM generate_series(1, 60000) i;
     ALTER TABLE noise ADD PRIMARY KEY (i)`,
  );
});
afterAll(stopServers);
beforeEach(async () => {
  place = await openWorkplace();
  proxy = await startTcpProxy(url);
  earlier = (await place.backup(proxy.through(url))).id;
  usualBytes = proxy.receivedBytes;
});
afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** Does it once the server has sent a part of what a backup takes, chosen at random within the given tenth. */
async function afterPart(tenth: number, act: () => unknown, work: Promise<unknown>) {
  const until = proxy.receivedBytes + (usualBytes * (tenth + Math.random())) / 10;
  let isOver = false;
  void work
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  while (!isOver && proxy.receivedBytes < until) await delay(2);
  await act();
}

async function atRandom(act: () => unknown, attempt: () => Promise<unknown>): Promise<string[]> {
  const saw: string[] = [];
  for (let tries = 0; tries < 3 * faultTries; tries += 1) {
    const work = attempt();
    const outcome = told(work);
    await afterPart(Math.floor((tries % 3) * 3.3), act, work);
    saw.push(await outcome);
  }
  return saw;
}

const sessions = `SELECT pid FROM pg_stat_activity WHERE application_name = 'holdfast'`;

test('the connection is cut during a backup', async () => {
  const saw = await atRandom(
    () => proxy.cut(),
    () => place.backup(proxy.through(url)),
  );
  expect(saw.some((what) => what.startsWith('SourceError'))).toBe(true);
  await expectRightState(place, url, [earlier]);
  note('connection cut', 'backup', saw.length, saw);
}, 600_000);

test('the server ends our sessions during a backup', async () => {
  const end = () => run(url, `SELECT pg_terminate_backend(pid) FROM (${sessions}) s`);
  const saw = await atRandom(end, () => place.backup(proxy.through(url)));
  await expectRightState(place, url, [earlier]);
  note('sessions ended by the server', 'backup', saw.length, saw);
}, 600_000);

test('the server crashes and recovers during a backup', async () => {
  const crash = async () => {
    const [row] = await run(url, sessions);
    // One backend that dies like that makes the server end all others and start over.
    if (row) process.kill(row['pid'] as number, 'SIGKILL');
    for (let tries = 0; tries < 400; tries += 1) {
      await delay(50);
      if (await run(url, 'SELECT 1').catch(() => null)) return;
    }
    throw new Error('the server did not come back');
  };
  const saw = await atRandom(crash, () => place.backup(proxy.through(url)));
  await expectRightState(place, url, [earlier]);
  note('server crashed and restarted', 'backup', saw.length, saw);
}, 600_000);

test('the network swallows everything during a backup, until the job is stopped', async () => {
  const work = place.backup(proxy.through(url));
  const outcome = told(work);
  await afterPart(4, () => proxy.swallow(), work);
  await delay(1500);
  place.stopping.abort();
  const saw = await outcome;
  expect(saw).toMatch(/interrupted|made/);
  await using again = await openWorkplace();
  Object.assign(again, { identity: place.identity, recipient: place.recipient });
  Object.assign(again.deps, { ledger: place.deps.ledger, stores: place.deps.stores });
  expect((await again.deps.ledger.read())!.at(-1)).toMatchObject({ verb: 'backup', outcome: 'failed' });
  await expectRightState(again, url, [earlier]);
  note('network black-holed, then the job stopped', 'backup', 1, saw);
}, 120_000);

test.each(['SIGINT', 'SIGTERM'] as const)(
  'the network swallows everything before the first row, and %s ends it',
  async (signal) => {
    // In the handshake, while the session is made, while tables are locked and listed, and with the first rows.
    for (const bytes of [100, 600, 2000, 8000]) {
      await using scene = await openScene(url);
      await using silent = await startTcpProxy(url);
      const { child, ended } = scene.cli.start(['backup'], {
        ...scene.env,
        DATABASE_URL: silent.through(url),
      });
      while (silent.receivedBytes < bytes) await delay(1);
      silent.swallow();
      await delay(300);
      const askedMs = Date.now();
      child.kill(signal);
      const { code, stderr } = await ended;
      // GitHub sends SIGTERM 7.5 s after SIGINT, and kills 2.5 s later.
      expect(Date.now() - askedMs, stderr).toBeLessThan(5000);
      expect(code, stderr).toBe(signal === 'SIGINT' ? 130 : 143);
      expect(await scene.cli.ledger()).toMatchObject([
        { verb: 'backup', outcome: 'failed', reason: 'the run was interrupted' },
      ]);
      await expectRightState(scene.place, url, []);
    }
    note(
      'network black-holed before the first row, then the job stopped',
      'backup',
      4,
      `${signal}: the run was interrupted`,
    );
  },
  120_000,
);

test('the network swallows everything while the plan of a restore is made, until the job is stopped', async () => {
  const target = await newDatabase(18);
  await run(target, 'CREATE TABLE mine (a int)');
  const before = await contentRootOf(target);
  await using silent = await startTcpProxy(target);
  const outcome = told(place.restore(silent.through(target), { id: earlier }));
  while (silent.receivedBytes < 1500) await delay(1);
  silent.swallow();
  await delay(300);
  place.stopping.abort();
  const saw = await outcome;
  expect(saw).toMatch(/interrupted/);
  expect(await contentRootOf(target)).toBe(before);
  note('network black-holed, then the job stopped', 'restore: the plan', 1, saw);
}, 120_000);

// Twenty seconds of waiting: only in the long form.
if (faultTries > 1) {
  test('nothing answers from the beginning', async () => {
    proxy.swallow();
    const saw = await told(place.backup(proxy.through(url)));
    expect(saw).toMatch(/^SourceError/);
    await expectRightState(place, url, [earlier]);
    note('network black-holed from the beginning', 'backup', 1, saw);
  }, 120_000);
}

test('a network of 4 MB/s', async () => {
  proxy.bytesPerSecond = 4e6;
  expect(await told(place.backup(proxy.through(url)))).toBe('made');
  await expectRightState(place, url, [earlier]);
  note('slow network', 'backup', 1, 'made');
}, 120_000);

test('the connection is cut during a restore', async () => {
  const target = await newDatabase(18);
  await run(target, 'CREATE TABLE mine (a int); INSERT INTO mine VALUES (1), (2)');
  const before = await contentRootOf(target);
  const saw: string[] = [];
  for (let tries = 0; tries < 3 * faultTries; tries += 1) {
    const through = await startTcpProxy(url);
    const outcome = told(place.restore(through.through(target), { id: earlier }));
    await delay(200 + Math.random() * 1200);
    through.cut();
    saw.push(await outcome);
    await through[Symbol.asyncDispose]();
    const root = await contentRootOf(target);
    if (root === before) continue;
    // It was over before the cut, or the cut came after the commit: then all of it is there.
    expect((await run(target, 'SELECT count(*)::int AS n FROM noise'))[0]).toEqual({ n: 60_000 });
    await run(target, 'DROP TABLE noise; CREATE TABLE mine (a int); INSERT INTO mine VALUES (1), (2)');
  }
  await expectRightState(place, url, [earlier]);
  note('connection cut', 'restore', saw.length, saw);
}, 600_000);
