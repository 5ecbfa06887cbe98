import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { fakeStore, takeAll } from '../support/fake-store.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';
import { openWorkplace } from '../support/workplace.ts';

afterAll(stopServers);

const rows = "CREATE TABLE notes AS SELECT i, repeat('x', 90) AS text FROM generate_series(1, 20000) i";

test('rows come no faster than the limit, and the receipt says what was asked of the server', async () => {
  const url = await newDatabase(15);
  await run(url, rows);
  await using place = await openWorkplace();
  const startedAt = Date.now();
  const { receipt } = await place.backup(url, { bytesPerSecond: 1_500_000, connections: 1 });
  const tookMs = Date.now() - startedAt;
  const { load } = receipt;
  expect(load).toMatchObject({ connections: 1, bytesPerSecond: 1_500_000 });
  expect(load!.snapshotMs).toBeGreaterThan((1000 * receipt.rawBytes) / 1_500_000 - 50);
  expect(load!.snapshotMs).toBeLessThanOrEqual(tookMs);
  expect(load!.lockWaitMs).toBeLessThan(1000);
  expect((await place.restoreTest()).comparison.contentRoot.actual).toBe(receipt.contentRoot);
});

test('a migration that holds a table is waited for, and the receipt says how long', async () => {
  const url = await newDatabase(15);
  await run(url, rows);
  const migration = new pg.Client({ connectionString: url });
  await migration.connect();
  await migration.query('BEGIN; LOCK TABLE notes');
  const release = setTimeout(() => migration.query('COMMIT'), 700);
  await using place = await openWorkplace();
  const { receipt } = await place.backup(url);
  clearTimeout(release);
  await migration.end();
  expect(receipt.load!.lockWaitMs).toBeGreaterThan(300);
});

test('while a slow store still takes the archive, the server is free again', async () => {
  const url = await newDatabase(15);
  await run(url, rows);
  await using place = await openWorkplace();
  let seen: unknown[] | null = null;
  const slow = fakeStore('slow', async (bytes, store) => {
    const stored = await takeAll(bytes, store);
    // Everything was read and sent; the receipt is not written yet.
    seen = await run(url, "SELECT 1 FROM pg_locks WHERE relation = 'notes'::regclass");
    await run(url, 'ALTER TABLE notes ADD COLUMN later int');
    return stored;
  });
  Object.assign(place.deps, { stores: [slow] });
  await place.backup(url).catch(() => {});
  expect(seen).toEqual([]);
});
