import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { type Connected, connect, disconnect } from '../../src/source/postgres/connect.ts';
import { copyOut } from '../../src/source/postgres/copy-out.ts';
import { failureOf } from '../support/pieces.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** A server that lives and says nothing: its backend is stopped, and TCP goes on answering. */

const rows = 'COPY public.notes TO STDOUT;';
let connected: Connected;
let backend: number;

beforeEach(async () => {
  const url = await newDatabase(15);
  await run(url, "CREATE TABLE notes AS SELECT i, repeat('x', 90) AS text FROM generate_series(1, 300000) i");
  connected = await connect({ url, label: 'the test database' });
  backend = (await connected.client.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
});
afterEach(async () => {
  process.kill(backend, 'SIGCONT');
  await disconnect(connected.client);
});
afterAll(stopServers);

test('it is given up after the limit, in plain words', async () => {
  const reading = (async () => {
    for await (const event of copyOut(connected.client, rows, 400)) {
      if (event.kind === 'rows') process.kill(backend, 'SIGSTOP');
    }
  })();
  expect(await failureOf(reading)).toMatchObject({
    name: 'SourceError',
    message: expect.stringContaining('sent nothing'),
    hint: expect.stringContaining('Earlier backups are untouched'),
  });
});

test('a consumer that takes longer than the limit is not the server’s fault', async () => {
  let read = 0;
  for await (const event of copyOut(connected.client, rows, 300)) {
    if (event.kind !== 'rows') continue;
    if (read === 0) await delay(1000);
    read += event.bytes.length;
    event.free();
  }
  expect(read).toBeGreaterThan(27_000_000);
});
