import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { config } from '../support/cli.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { type Listener, startListener } from '../support/listener.ts';
import { type ActionOptions, type ActionRun, runAction } from '../support/runner.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

/** The committed bundles against fakes of GitHub, a heartbeat and a webhook: who is told what, and that nothing leaks. */

let workspace: string;
let url: string;
let identity: string;
let github: FakeGithub;
let outside: Listener;
let token: string;
const secret = 's3cret-t0ken';

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'holdfast-workspace-'));
  identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeFile(
    join(workspace, 'holdfast.yml'),
    config(recipient, `alerts: { heartbeat-url: "\${HEARTBEAT_URL}", webhook-url: "\${WEBHOOK_URL}" }\n`),
  );
  url = await newDatabase(17);
  await run(
    url,
    "CREATE TABLE confidential_deals (id int PRIMARY KEY); CREATE ROLE stranger LOGIN PASSWORD 'stranger'",
  );
  github = await startGithubApi();
  token = github.token({ contents: 'write', issues: 'write', actions: 'read' });
  outside = await startListener();
});
afterAll(async () => {
  await github.close();
  await outside.close();
  await rm(workspace, { recursive: true, force: true });
  await stopServers();
});
beforeEach(() => {
  outside.received = [];
  outside.fault = null;
});

async function act(name: string, options: ActionOptions = {}): Promise<ActionRun> {
  const done = await runAction(name, {
    workspace,
    event: { name: 'workflow_dispatch', payload: { repository: { private: true } } },
    ...options,
    inputs: {
      'github-token': token,
      secrets: `HEARTBEAT_URL=${outside.url}/beat/${secret}\nWEBHOOK_URL=${outside.url}/hook/${secret}`,
      ...options.inputs,
    },
    env: {
      DATABASE_URL: url,
      GITHUB_API_URL: github.url,
      GITHUB_REPOSITORY: 'acme/backups',
      ...options.env,
    },
  });
  expect(done.log + done.summary + JSON.stringify(done.outputs)).not.toContain(secret);
  return done;
}
const paths = () => outside.received.map(({ path }) => path.replace(`/${secret}`, ''));
async function alerts() {
  const folder = join(workspace, 'ledger');
  const texts = await Promise.all(
    (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
  );
  const records = texts
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(JSON.stringify(records)).not.toContain(secret);
  return records.filter(({ verb }) => verb === 'alert');
}

describe('a backup', () => {
  test('has a heartbeat, recorded in the ledger', async () => {
    const taken = await act('backup');
    expect(taken).toMatchObject({ exitCode: 0, outputs: { status: 'succeeded' } });
    expect(paths()).toEqual(['/beat/start', '/beat']);
    expect((await alerts()).map(({ outcome, result }) => [outcome, result.event])).toEqual([
      ['succeeded', 'start'],
      ['succeeded', 'success'],
    ]);
  });

  test('that is not due pings nothing', async () => {
    expect((await act('backup', { inputs: { 'if-older-than': '8h' } })).outputs['status']).toBe('skipped');
    expect(paths()).toEqual([]);
  });

  test('that fails says so', async () => {
    const nowhere = url.replace(/\/[^/]*$/, '/no_such_database');
    expect((await act('backup', { env: { DATABASE_URL: nowhere } })).exitCode).toBe(2);
    expect(paths()).toEqual(['/beat/start', '/beat/fail']);
  });

  test('is good although nobody could be told', async () => {
    outside.fault = () => ({ kind: 'status', status: 404 });
    const taken = await act('backup');
    expect(taken).toMatchObject({ exitCode: 0, outputs: { status: 'succeeded' }, annotations: [] });
    expect(taken.log).toContain('An alert was not sent.');
    expect((await alerts()).slice(-2)).toMatchObject([{ outcome: 'failed' }, { outcome: 'failed' }]);
  });
});

describe('a status', () => {
  test('that may not alert tells nobody', async () => {
    await act('status', { inputs: { alert: 'false' } });
    expect(github.repository.issues).toEqual([]);
    expect(paths()).toEqual([]);
  });

  test('tells once by issue and webhook that health is not Good', async () => {
    const told = await act('status');
    expect(told).toMatchObject({ exitCode: 0, outputs: { health: 'warning' } });
    expect(github.repository.issues).toMatchObject([{ title: 'Backups of crm: Warning', state: 'open' }]);
    expect(told.summary).toContain('[Issue about crm](https://github.com/acme/backups/issues/1)');
    expect(paths()).toEqual(['/hook']);
    const again = await act('status');
    expect(again.summary).not.toContain('Issue about crm');
    expect(paths()).toEqual(['/hook']);
    expect(github.repository.issues).toHaveLength(1);
  });

  test('is no failure when GitHub is', async () => {
    github.fault = ({ path }) => (path.includes('/issues') ? { kind: 'status', status: 422 } : null);
    expect(await act('status')).toMatchObject({ exitCode: 0, annotations: [] });
    github.fault = null;
    expect((await alerts()).at(-1)).toMatchObject({ outcome: 'failed', result: { channel: 'issue' } });
  });
});

test('a review opens one issue a quarter, and none when it should not', async () => {
  const without = await act('review', { inputs: { issue: 'false' } });
  expect(without.outputs).toMatchObject({ status: 'succeeded', 'issue-url': '' });
  const first = await act('review');
  expect(first.exitCode).toBe(0);
  expect(first.outputs['issue-url']).toBe('https://github.com/acme/backups/issues/2');
  expect(Number(first.outputs['kept'])).toBeGreaterThan(0);
  expect(first.summary).toContain('## To decide');
  expect((await act('review')).outputs['issue-url']).toBe(first.outputs['issue-url']);
  expect(github.repository.issues).toHaveLength(2);
});

describe('a doctor', () => {
  const stranger = () => ({ DATABASE_URL: url.replace(/\/\/[^@]*@/, '//stranger:stranger@') });
  const asked = (isPrivate: boolean, env = {}) =>
    act('doctor', {
      inputs: { identity },
      env,
      event: { name: 'workflow_dispatch', payload: { repository: { private: isPrivate } } },
    });

  test('lists what is wrong, and fails', async () => {
    const found = await asked(true, stranger());
    expect(found.exitCode).toBe(2);
    expect(found.outputs['status']).toBe('failed');
    expect(Number(found.outputs['problems'])).toBeGreaterThan(1);
    expect(found.summary).toContain('confidential');
    expect(found.summary).toContain('no workflow that backs up');
    expect(found.annotations).toHaveLength(1);
    expect(found.log).not.toContain(identity);
    expect(paths()).toEqual(['/beat/log']);
  });

  test('names no table in a public repository', async () => {
    const found = await asked(false, stranger());
    expect(found.exitCode).toBe(2);
    expect(found.log + found.summary + JSON.stringify(found.outputs)).not.toMatch(
      /confidential|127\.0\.0\.1:/,
    );
    expect(found.summary).toContain('may not read everything');
  });

  test('succeeds when only warnings are left', async () => {
    const path = '.github/workflows/backup.yml';
    github.repository.workflows.push({ id: 1, name: 'Backup', path, state: 'active' });
    const found = await asked(true);
    expect(found.summary).toContain('✅ database crm');
    expect(found).toMatchObject({ exitCode: 0, outputs: { status: 'succeeded', problems: '0' } });
  });
});
