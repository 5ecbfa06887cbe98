import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  expectRightState,
  faultTries,
  note,
  openScene,
  type Scene,
  stateOf,
} from '../support/faults/scene.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** SIGKILL of our process at random points of each verb that writes. Restores: test/faults/restore-kill.test.ts. */

let url: string;
let scene: Scene;
beforeAll(async () => {
  url = await newDatabase(18);
  await run(url, 'CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) FROM generate_series(1, 60000) i');
  scene = await openScene(url);
  // Good to begin with: a verb that is killed must not make it look better than it is, nor lose what there is.
  await scene.place.backup(url);
  await scene.place.restoreTest();
  expect(await stateOf(scene.place)).toBe('good');
}, 120_000);
afterAll(async () => {
  await scene[Symbol.asyncDispose]();
  await stopServers();
});

test.each([
  { verb: 'backup', args: ['backup'] },
  { verb: 'verify', args: ['verify', '--all'] },
  { verb: 'restore-test', args: ['restore-test'] },
  { verb: 'prune', args: ['prune', '--apply', '--allow-large'] },
])(
  '$verb is killed',
  async ({ verb, args }) => {
    const { cli, place, env } = scene;
    const newest = (await place.backup(url)).id;
    const start = () => cli.start(args, env);
    const startedMs = Date.now();
    const whole = await start().ended;
    expect([0, 2], whole.stderr).toContain(whole.code);
    const usualMs = Date.now() - startedMs;
    const tries = 2 * faultTries;
    const states: string[] = [];
    for (let kill = 0; kill < tries; kill += 1) {
      const { child, ended } = start();
      // The first third of a run is only Node starting.
      await delay(usualMs * (0.3 + (0.7 * (kill + Math.random())) / tries));
      child.kill('SIGKILL');
      await ended;
      states.push(await stateOf(place));
    }
    expect(states).not.toContain('critical');
    await expectRightState(place, url, [newest]);
    note(
      'killed (SIGKILL)',
      verb,
      tries,
      states.map((state) => `page: ${state}`),
    );
  },
  600_000,
);
