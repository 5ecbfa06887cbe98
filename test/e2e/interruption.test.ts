import { execFileSync } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CliFolder, config, openCliFolder } from '../support/cli.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** A backup that ends in the middle: whatever ends it, nothing is listed and the next run works. */

let url: string;
beforeAll(async () => {
  url = await newDatabase(18);
  // Random hex does not compress below half, so the archive is large enough to be caught while it grows.
  await run(
    url,
    `CREATE TABLE noise AS SELECT i, sha512(i::text::bytea) AS a, sha512((-i)::text::bytea) AS b FROM generate_series(1, 600000) i`,
  );
});
afterAll(stopServers);

/** Waits until the archive has begun to grow. */
async function growing(place: CliFolder): Promise<void> {
  for (let tries = 0; tries < 2000; tries++) {
    const partial = (await place.files()).find((file) => file.endsWith('.partial'));
    const info = partial && (await stat(join(place.folder, partial)).catch(() => null));
    if (info && info.size > 1_000_000) return;
    await delay(10);
  }
  throw new Error('the backup never began to write');
}

async function expectNothingListed(place: CliFolder) {
  const list = await place.holdfast(['list', '--json']);
  expect(JSON.parse(list.stdout)).toEqual({ backups: [], lacking: [] });
}

async function expectNextRunWorks(place: CliFolder) {
  expect((await place.holdfast(['backup'], { DATABASE_URL: url })).code).toBe(0);
  expect((await place.holdfast(['verify', '--identity-file', place.identityFile])).stdout).toContain(
    'readable',
  );
  const sessions = await run(
    url,
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'holdfast'`,
  );
  expect(sessions).toEqual([{ n: 0 }]);
}

test.each([
  { signal: 'SIGINT' as const, code: 130 },
  { signal: 'SIGTERM' as const, code: 143 },
])('$signal', async ({ signal, code }) => {
  await using place = await openCliFolder();
  const { child, ended } = place.start(['backup'], { DATABASE_URL: url });
  await growing(place);
  child.kill(signal);
  const result = await ended;
  expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining('asked to stop') });
  expect((await place.files()).filter((file) => file.startsWith('store'))).toEqual([]);
  expect(await place.ledger()).toMatchObject([{ outcome: 'failed', reason: 'the run was interrupted' }]);
  await expectNothingListed(place);
  await expectNextRunWorks(place);
});

test('SIGKILL leaves nothing that is listed', async () => {
  await using place = await openCliFolder();
  const { child, ended } = place.start(['backup'], { DATABASE_URL: url });
  await growing(place);
  child.kill('SIGKILL');
  await ended;
  await expectNothingListed(place);
  await expectNextRunWorks(place);
});

test('the server ends our sessions', async () => {
  await using place = await openCliFolder();
  const { ended } = place.start(['backup'], { DATABASE_URL: url });
  await growing(place);
  await run(
    url,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast'`,
  );
  const result = await ended;
  expect(result).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringMatching(/connection was lost|failed while|terminating connection/),
  });
  expect((await place.files()).filter((file) => file.startsWith('store'))).toEqual([]);
  await expectNothingListed(place);
  await expectNextRunWorks(place);
});

const canMount = process.getuid?.() === 0;
if (!canMount) process.stderr.write('disk-full test skipped: only root may mount a small disk\n');
test.skipIf(!canMount)('the disk of the store is full', async () => {
  await using place = await openCliFolder();
  const disk = join(place.folder, 'store');
  await mkdir(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
  try {
    const result = await place.holdfast(['backup'], { DATABASE_URL: url });
    expect(result).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('the disk is full'),
    });
    expect((await place.files()).filter((file) => file.startsWith('store'))).toEqual([]);
    expect(await place.ledger()).toMatchObject([
      { outcome: 'failed', reason: 'a store could not be written to: the disk is full' },
    ]);
  } finally {
    execFileSync('umount', [disk]);
  }
});

test('of two stores the full one is named, and the other has the backup', async () => {
  await using place = await openCliFolder();
  await place.configure(
    config(place.recipient).replace(
      'encryption:',
      '  broken: { type: directory, path: holdfast.yml/inside }\nencryption:',
    ),
  );
  const result = await place.holdfast(['backup', '--json'], { DATABASE_URL: url });
  expect(result.code).toBe(0);
  expect(result.stderr).toContain('Store broken has no copy');
  expect(JSON.parse(result.stdout).backups[0]).toMatchObject({
    copies: [{ store: 'disk' }],
    failedStores: [{ store: 'broken' }],
  });
});
