import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { prune } from '../../src/prune.ts';
import { contentRootOf } from '../support/content-root.ts';
import { expectRightState, faultTries, note, stateOf, told } from '../support/faults/scene.ts';
import { nothing } from '../support/retention.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace, type Workplace } from '../support/workplace.ts';

/** What goes on around a backup: other people, other runs, and a clock that is wrong. */

let url: string;
let place: Workplace;
let earlier: string;
beforeEach(async () => {
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL);
     INSERT INTO accounts SELECT i, 1000 FROM generate_series(1, 2000) i;
     CREATE TABLE transfers (id serial PRIMARY KEY, giver int, taker int, amount int);
     CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) FROM generate_series(1, 40000) i;
     CREATE TABLE extra AS SELECT i FROM generate_series(1, 1000) i`,
  );
  place = await openWorkplace();
  earlier = (await place.backup(url)).id;
});
afterEach(() => place[Symbol.asyncDispose]());
afterAll(stopServers);

/** Works away at the database until it is told to stop; returns how often it did. */
function busy(work: (client: pg.Client) => Promise<unknown>) {
  let isOver = false;
  const working = (async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    let times = 0;
    for (; !isOver; times += 1) await work(client);
    await client.end();
    return times;
  })();
  return {
    async stop() {
      isOver = true;
      return working;
    },
  };
}

test('money moves between accounts during a backup: what is restored is one moment', async () => {
  const some = () => 1 + Math.floor(Math.random() * 2000);
  const transfer = (client: pg.Client) => {
    const [giver, taker, amount] = [some(), some(), some() % 50];
    return client.query(
      `BEGIN; UPDATE accounts SET balance = balance - ${amount} WHERE id = ${giver};
       UPDATE accounts SET balance = balance + ${amount} WHERE id = ${taker};
       INSERT INTO transfers (giver, taker, amount) VALUES (${giver}, ${taker}, ${amount}); COMMIT`,
    );
  };
  for (let tries = 0; tries < faultTries; tries += 1) {
    const traffic = busy(transfer);
    await delay(100);
    const { id } = await place.backup(url, { connections: 3 });
    expect(await traffic.stop()).toBeGreaterThan(20);
    const restored = await newDatabase(18);
    await place.restore(restored, { id, mode: 'new' });
    expect(await run(restored, 'SELECT sum(balance)::int AS total FROM accounts')).toEqual([
      { total: 2_000_000 },
    ]);
    // Each account is what its transfers made of it, so that both tables are of the same moment.
    const off = await run(
      restored,
      `SELECT accounts.id FROM accounts WHERE balance <> 1000
         - coalesce((SELECT sum(amount) FROM transfers WHERE giver = accounts.id), 0)
         + coalesce((SELECT sum(amount) FROM transfers WHERE taker = accounts.id), 0)`,
    );
    expect(off).toEqual([]);
  }
  await expectRightState(place, url, [earlier]);
  note('rows change meanwhile (transfers between accounts)', 'backup', faultTries, 'made; the sums agree');
}, 600_000);

test.each([
  ['a table is dropped', 'DROP TABLE IF EXISTS extra'],
  ['a table is altered', 'ALTER TABLE extra ADD COLUMN IF NOT EXISTS more int DEFAULT 1'],
  ['tables come and go', 'CREATE TABLE brief (a int); DROP TABLE brief'],
])(
  '%s during a backup',
  async (what, sql) => {
    const saw: string[] = [];
    for (let tries = 0; tries < 2 * faultTries; tries += 1) {
      const work = told(place.backup(url));
      await delay(Math.random() * 600);
      const changes = busy(async (client) => {
        await client.query(sql);
        await delay(50);
      });
      saw.push(await work);
      await changes.stop();
      await run(url, 'CREATE TABLE IF NOT EXISTS extra AS SELECT i FROM generate_series(1, 1000) i');
    }
    for (const each of saw) expect(each).toMatch(/^made$|^SourceError/);
    await expectRightState(place, url, [earlier]);
    note(what, 'backup', saw.length, saw);
  },
  600_000,
);

test('two backups at once', async () => {
  const both = await Promise.all([place.backup(url), place.backup(url)]);
  expect(new Set(both.map(({ id }) => id)).size).toBe(2);
  await expectRightState(place, url, [earlier, ...both.map(({ id }) => id)]);
  note('two at once', 'backup', 1, 'both made');
}, 120_000);

test('a pruning takes the backup away that is being restored', async () => {
  const target = await newDatabase(18);
  await run(target, 'CREATE TABLE mine (a int)');
  const before = await contentRootOf(target);
  const newest = await place.backup(url);
  const pruning = async () => {
    await prune(place.deps, {
      database: 'crm',
      policyOf: () => ({ ...nothing, keepLast: 1 }),
      apply: true,
      allowLarge: true,
      graceMs: 0,
    });
    return true;
  };
  const saw = await told(place.restore(target, { id: earlier, confirm: pruning }));
  // All of the old content, or all of the new.
  if (saw === 'made')
    expect(await run(target, 'SELECT count(*)::int AS n FROM extra')).toEqual([{ n: 1000 }]);
  else expect(await contentRootOf(target)).toBe(before);
  await expectRightState(place, url, [newest.id]);
  note('pruned meanwhile', 'restore', 1, saw);
}, 120_000);

test.each([
  ['a day ahead', 86_400_000],
  ['a day behind', -86_400_000],
])(
  'a clock that is %s',
  async (what, offMs) => {
    await place.restoreTest(earlier);
    const { now } = place.deps;
    place.deps.now = () => now() + offMs;
    const saw = await told(place.backup(url));
    const there = await stateOf(place);
    place.deps.now = now;
    const afterwards = await stateOf(place);
    // By a clock that is ahead the earlier backup is too old; by the right one there is a good one of now.
    expect(['good', 'warning', 'critical']).toContain(afterwards);
    await expectRightState(place, url, [earlier]);
    note(`clock ${what}`, 'backup', 1, `${saw}; page by that clock ${there}, by the right one ${afterwards}`);
  },
  120_000,
);
