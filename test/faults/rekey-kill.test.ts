import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupsOf } from '../../src/health/backups.ts';
import { findBackups } from '../../src/store/find.ts';
import { verify } from '../../src/verify.ts';
import { config } from '../support/cli.ts';
import { faultTries, note, openScene, type Scene, stateOf } from '../support/faults/scene.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** SIGKILL at random points of a change of keys: each snapshot can be read at any time, and the next run finishes. */

let url: string;
let scene: Scene;
beforeAll(async () => {
  url = await newDatabase(18);
  await run(url, 'CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) FROM generate_series(1, 100000) i');
  scene = await openScene(url);
  for (let count = 0; count < 3; count += 1) await scene.place.backup(url);
  await scene.place.restoreTest();
}, 120_000);
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await stopServers();
});

test('rekey is killed', async () => {
  const { cli, place, env } = scene;
  const identities = [place.identity];
  const identityFile = join(cli.folder, 'identities.txt');
  /** The next pair of keys, with all that came before it to read. */
  const changeKeys = async () => {
    const identity = await generateX25519Identity();
    identities.push(identity);
    await writeFile(identityFile, `${identities.join('\n')}\n`);
    await cli.configure(config(await identityToRecipient(identity)));
  };
  const start = () => cli.start(['rekey', '--apply', '--identity-file', identityFile], env);
  const snapshots = async () => {
    const found = await findBackups(place.deps.stores, 'crm');
    return new Set(found.flatMap(({ copies }) => copies.map(({ receipt }) => receipt?.snapshotAt)));
  };
  const before = await snapshots();
  expect(before.size).toBe(3);
  await changeKeys();
  const startedMs = Date.now();
  const whole = await start().ended;
  expect(whole.code, whole.stderr).toBe(0);
  const usualMs = Date.now() - startedMs;

  const tries = 6 * faultTries;
  const states: string[] = [];
  for (let kill = 0; kill < tries; kill += 1) {
    await changeKeys();
    const { child, ended } = start();
    // The first fifth of a run is only Node starting.
    await delay(usualMs * (0.2 + (0.8 * (kill + Math.random())) / tries));
    child.kill('SIGKILL');
    await ended;
    states.push(await stateOf(place));
    // Each archive that is listed can be read to its last row, and no snapshot is without one.
    expect(await snapshots()).toEqual(before);
    for (const { id } of await findBackups(place.deps.stores, 'crm')) {
      const { checked } = await verify(place.deps, { database: 'crm', id, all: false, identities });
      expect(checked).toMatchObject([{ rung: 'readable' }]);
    }

    const finished = await start().ended;
    expect(finished.code, finished.stderr).toBe(0);
    const found = await findBackups(place.deps.stores, 'crm');
    expect(found).toHaveLength(3);
    const known = backupsOf((await place.deps.ledger.read()) ?? []).filter(({ stores }) => stores.length > 0);
    expect(known.map(({ id, good }) => [id, good]).sort()).toEqual(found.map(({ id }) => [id, true]).sort());
  }
  expect(states.filter((state) => state !== 'good' && state !== 'warning')).toEqual([]);
  note(
    'killed (SIGKILL)',
    'rekey',
    tries,
    states.map((state) => `page: ${state}`),
  );
});
