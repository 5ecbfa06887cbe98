import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAction } from '../support/runner.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** The mission's night with the real pieces: `crm serve` on a database, the committed action that calls it, the proof, the page. */

const holdfast = fileURLToPath(new URL('../../src/cli/holdfast.mjs', import.meta.url));
const apiKey = 'a-key-of-the-crm-0123456789';

let workspace: string;
let url: string;
let identity: string;
let crm: ChildProcess;

const act = (name: string, inputs: Record<string, string> = {}, key = apiKey) =>
  runAction(name, {
    workspace,
    inputs,
    env: { CRM_API_KEY: key },
    event: { name: 'schedule', payload: { schedule: '0 2 * * *', repository: { private: true } } },
  });

/** Starts the CRM; resolves with its address, without the path. */
async function serveCrm(): Promise<string> {
  crm = spawn(process.execPath, [holdfast, 'crm', 'serve', '--port', '0'], {
    env: { PATH: process.env['PATH'], DATABASE_URL: url, CRM_API_KEY: apiKey },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: crm.stdout! })) {
    if (line.startsWith('http')) return line.replace('/api/admin/backup', '');
  }
  throw new Error('the CRM ended before it served');
}

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'holdfast-crm-night-'));
  identity = await generateX25519Identity();
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE staff (id serial PRIMARY KEY, name text NOT NULL, salary numeric(20,10));
     CREATE TABLE enquiries (id bigserial PRIMARY KEY, staff_id int REFERENCES staff, message text, at timestamptz);
     INSERT INTO staff (name, salary) VALUES ('Ada', 1234567890.0123456789), ('Bob', NULL);
     INSERT INTO enquiries (staff_id, message, at)
       SELECT 1 + n % 2, 'Enquiry ' || n || E' \\\\ "quoted" \\n and more', now() - n * interval '1 minute' FROM generate_series(1, 500) n`,
  );
  const address = await serveCrm();
  await writeFile(
    join(workspace, 'holdfast.yml'),
    `databases:
  crm: { source: crm-api, app-url: "${address}", api-key: "\${CRM_API_KEY}" }
stores:
  disk: { type: directory, path: store }
encryption:
  recipients: [${await identityToRecipient(identity)}]
ledger: { type: directory, path: ledger }
`,
  );
});
afterAll(async () => {
  const ended = new Promise((done) => crm?.once('close', done));
  if (crm?.kill('SIGINT')) await ended;
  await rm(workspace, { recursive: true, force: true });
  await stopServers();
});

test('backup, verification, restore test: Good', async () => {
  const taken = await act('backup');
  expect(taken.log).not.toContain('::error');
  expect(taken.outputs).toMatchObject({ status: 'succeeded', rows: '502', stores: 'disk' });
  expect(await run(url, 'SELECT type, enquiry_count, trigger_event FROM backups')).toEqual([
    { type: 'Auto', enquiry_count: 500, trigger_event: 'scheduled' },
  ]);
  expect(taken.rawLog.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(apiKey);

  const verified = await act('verify', { identity });
  expect(verified.outputs).toMatchObject({ status: 'succeeded', rung: 'readable' });
  const tested = await act('restore-test', { identity, 'scratch-url': await newDatabase(18) });
  expect(tested.log).not.toContain('::error');
  expect(tested.outputs).toMatchObject({ status: 'succeeded', rows: '502' });

  const told = await act('status', { alert: 'false' });
  expect(told.summary).toContain('Good');
  expect(told.outputs['health']).toBe('good');
});

test('with its rows gone, and then refused by the CRM, it is not Good any more', async () => {
  await run(url, 'TRUNCATE enquiries');
  const emptied = await act('backup');
  expect(emptied.outputs['anomaly']).toBe('quarantine');
  expect((await act('status', { alert: 'false' })).outputs['health']).not.toBe('good');

  const failed = await act('backup', {}, 'another-key-altogether-0123');
  expect(failed.exitCode).toBe(2);
  expect(failed.outputs['status']).toBe('failed');
  const told = await act('status', { alert: 'false' });
  expect(told.outputs['health']).not.toBe('good');
  expect(told.summary).toContain('The last backup attempt failed');
});
