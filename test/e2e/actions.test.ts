import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { config } from '../support/cli.ts';
import { contentRootOf } from '../support/content-root.ts';
import { type ActionOptions, type ActionRun, runAction } from '../support/runner.ts';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';

/** The committed bundles, as a runner starts them, against a real server; store and ledger are folders of the checkout. */

let workspace: string;
let url: string;
let identity: string;
let password: string;
let firstId: string;

const act = (
  name: string,
  inputs: Record<string, string> = {},
  options: ActionOptions = {},
): Promise<ActionRun> =>
  runAction(name, { workspace, inputs, ...options, env: { DATABASE_URL: url, ...options.env } });
const ledger = async (): Promise<Record<string, unknown>[]> => {
  const folder = join(workspace, 'ledger');
  const files = await readdir(folder);
  const texts = await Promise.all(files.sort().map((file) => readFile(join(folder, file), 'utf8')));
  return texts
    .join('')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
};
const errorsOf = ({ annotations }: ActionRun) => annotations.filter(({ level }) => level === 'error');

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'holdfast-workspace-'));
  identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeFile(join(workspace, 'holdfast.yml'), config(recipient));
  password = 'p@ss/word 100%';
  url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE staff (id int PRIMARY KEY, name text); INSERT INTO staff VALUES (1, 'Ada'), (2, 'Bob')`,
  );
  await run(url, `CREATE ROLE keeper LOGIN PASSWORD '${password}' IN ROLE pg_read_all_data`);
  const taken = await act('backup');
  expect(taken.log).not.toContain('::error');
  firstId = taken.outputs['backup-id']!;
});
afterAll(async () => {
  await rm(workspace, { recursive: true, force: true });
  await stopServers();
});

const asKeeper = () => {
  const address = new URL(url);
  address.username = 'keeper';
  address.password = encodeURIComponent(password);
  return String(address);
};

describe('backup', () => {
  test('gives its outputs, a summary with a chart, and a record that knows its schedule', async () => {
    const payload = { schedule: '0 2 * * *', repository: { private: true } };
    const taken = await act('backup', {}, { event: { name: 'schedule', payload } });
    expect(taken.exitCode).toBe(0);
    expect(taken.outputs).toMatchObject({ status: 'succeeded', rows: '2', tables: '1', stores: 'disk' });
    expect(taken.outputs['backup-id']).toMatch(/^crm-\d{8}T\d{6}Z-/);
    expect(JSON.parse(taken.outputs['report']!)[0].receipt.id).toBe(taken.outputs['backup-id']);
    expect(taken.summary).toMatch(/^### ✅ crm: backed up/);
    expect(taken.summary).toContain('xychart-beta');
    expect(taken.log).toContain('::group::Opening a snapshot');
    expect(taken.annotations).toEqual([]);
    const record = (await ledger()).at(-1)!;
    expect(record).toMatchObject({
      verb: 'backup',
      trigger: 'schedule',
      actor: 'ada',
      runUrl: 'https://github.com/example/crm/actions/runs/4711',
    });
    expect(record['intendedAt']).toMatch(/T02:00:00\.000Z$/);
  });

  test('is skipped while the newest is young enough, and says so', async () => {
    const before = (await ledger()).length;
    const skipped = await act('backup', { 'if-older-than': '8h' });
    expect(skipped).toMatchObject({ exitCode: 0, outputs: { status: 'skipped' } });
    expect(skipped.summary).toContain('no backup needed');
    expect(await ledger()).toHaveLength(before);
  });

  test('keeps the limits of the events that the CRM sends', async () => {
    const send = (action: string) =>
      act('backup', {}, { event: { name: 'repository_dispatch', payload: { action } } });
    expect((await send('form_submission')).outputs['status']).toBe('succeeded');
    const second = await send('form_submission');
    expect(second.outputs['status']).toBe('skipped');
    expect(second.log).toMatch(/the next is allowed at \d{4}-/);
    expect((await send('enquiry_update')).outputs['status']).toBe('succeeded');
    expect((await send('critical_operation')).outputs['status']).toBe('succeeded');
    expect((await send('critical_operation')).outputs['status']).toBe('succeeded');
  });

  test('that fails sets its outputs, is one annotation with a title, and is in the ledger', async () => {
    const nowhere = url.replace(/\/[^/]*$/, '/no_such_database');
    const failed = await act('backup', {}, { env: { DATABASE_URL: nowhere } });
    expect(failed.exitCode).toBe(2);
    expect(failed.outputs['status']).toBe('failed');
    expect(errorsOf(failed)).toHaveLength(1);
    expect(errorsOf(failed)[0]!.title).toBe('Backup failed');
    expect(failed.summary).toMatch(/^### ❌ Backup failed/);
    expect((await ledger()).at(-1)).toMatchObject({ verb: 'backup', outcome: 'failed' });
  });

  test('that lacks its secret is a night without a backup, and in the ledger', async () => {
    const failed = await act('backup', {}, { env: { DATABASE_URL: '' } });
    expect(failed.exitCode).toBe(2);
    expect(errorsOf(failed)[0]!.message).toContain('DATABASE_URL}, which is not set');
    expect((await ledger()).at(-1)).toMatchObject({
      verb: 'backup',
      outcome: 'failed',
      reason: 'the configuration is not valid',
    });
  });

  test('does not tell a public repository what only insiders should know', async () => {
    await run(url, `CREATE TABLE confidential_deals (id int); REVOKE ALL ON confidential_deals FROM PUBLIC`);
    const denied = { DATABASE_URL: url.replace(/\/\/[^@]*@/, '//stranger:unknown-here@') };
    await run(url, `CREATE ROLE stranger LOGIN PASSWORD 'unknown-here'`);
    const inside = await act(
      'backup',
      {},
      { env: denied, event: { name: 'push', payload: { repository: { private: true } } } },
    );
    expect(inside.log).toContain('confidential_deals');
    const outside = await act(
      'backup',
      {},
      { env: denied, event: { name: 'push', payload: { repository: { private: false } } } },
    );
    expect(outside.exitCode).toBe(inside.exitCode);
    expect(outside.rawLog + outside.summary + JSON.stringify(outside.outputs)).not.toContain(
      'confidential_deals',
    );
    expect(outside.log).toContain('this repository is public');
    await run(url, 'DROP TABLE confidential_deals');
  });

  test('shows no password, neither raw nor encoded, whatever happens', async () => {
    const good = await act('backup', {}, { env: { DATABASE_URL: asKeeper() } });
    expect(good.exitCode).toBe(0);
    const bad = await act('backup', {}, { env: { DATABASE_URL: asKeeper().replace(/\/[^/]*$/, '/gone') } });
    expect(bad.exitCode).not.toBe(0);
    for (const taken of [good, bad]) {
      expect(taken.masks).toContain(password);
      expect(taken.masks).toContain(encodeURIComponent(password));
      const firstOther = taken.rawLog.split('\n').findIndex((line) => !line.startsWith('::add-mask::'));
      const lastMask = taken.rawLog.split('\n').findLastIndex((line) => line.startsWith('::add-mask::'));
      expect(lastMask).toBeLessThan(firstOther === -1 ? Infinity : firstOther);
      const said = taken.rawLog
        .split('\n')
        .filter((line) => !line.startsWith('::add-mask::'))
        .join('\n');
      for (const secret of [password, encodeURIComponent(password)])
        expect(said + taken.summary + JSON.stringify(taken.outputs)).not.toContain(secret);
    }
  });

  test('that is cancelled leaves nothing half-written', async () => {
    await run(
      url,
      `CREATE TABLE large AS SELECT i, sha512(i::text::bytea) AS a, sha512((-i)::text::bytea) AS b FROM generate_series(1, 500000) i`,
    );
    const files = async () => (await readdir(join(workspace, 'store'), { recursive: true })).sort();
    const before = await files();
    const cancelled = await act('backup', {}, { cancelWhenSaid: '::group::Writing the archive' });
    expect(cancelled.exitCode).not.toBe(0);
    expect(await files()).toEqual(before);
    await run(url, 'DROP TABLE large');
  });
});

describe('inputs', () => {
  test.each([
    [{ databse: 'crm' }, 'There is no input "databse"', 'Did you mean "database"?'],
    [{ if_older_than: '8h' }, 'There is no input "if_older_than"', 'Did you mean "if-older-than"?'],
    [{ 'if-older-than': '8 hours' }, 'is a time such as', ''],
    [{ database: 'crn' }, 'has no database', 'Did you mean crm?'],
    [{ config: 'other.yml' }, 'There is no other.yml in the checkout', 'Check the repository out'],
    [{ secrets: 'not an assignment' }, 'Line 1 of the input "secrets"', ''],
  ])('%j is refused, and nothing is done', async (inputs, message, hint) => {
    const before = (await ledger()).length;
    const refused = await act('backup', inputs as unknown as Record<string, string>);
    expect(refused.exitCode).toBe(2);
    expect(errorsOf(refused)).toHaveLength(1);
    expect(errorsOf(refused)[0]!.message).toContain(message);
    expect(errorsOf(refused)[0]!.message).toContain(hint);
    expect(await ledger()).toHaveLength(before);
  });

  test('secrets come as lines too, and are masked', async () => {
    const yaml = (await readFile(join(workspace, 'holdfast.yml'), 'utf8')).replace('DATABASE_URL', 'CRM_URL');
    await writeFile(join(workspace, 'other.yml'), yaml);
    const taken = await act(
      'backup',
      { config: 'other.yml', secrets: `CRM_URL=${asKeeper()}\n` },
      { env: { DATABASE_URL: '' } },
    );
    expect(taken.exitCode).toBe(0);
    expect(taken.masks).toContain(password);
  });
});

describe('proof', () => {
  test('verify tells the rung', async () => {
    const intact = await act('verify', { backup: firstId });
    expect(intact).toMatchObject({
      exitCode: 0,
      outputs: { status: 'succeeded', rung: 'intact', damaged: '0' },
    });
    const readable = await act('verify', { backup: firstId, identity });
    expect(readable.outputs['rung']).toBe('readable');
    expect(readable.masks).toContain(identity);
  });

  test('a damaged copy fails it', async () => {
    const taken = await act('backup');
    const file = join(workspace, 'store/crm', taken.outputs['backup-id']!, 'archive.tar.age');
    const bytes = await readFile(file);
    bytes[bytes.length - 100]! ^= 1;
    await rm(file);
    await writeFile(file, bytes);
    const damaged = await act('verify', { backup: taken.outputs['backup-id']! });
    expect(damaged).toMatchObject({ exitCode: 4, outputs: { status: 'failed', damaged: '1' } });
    expect(damaged.summary).toMatch(/^### ❌/);
    await rm(join(workspace, 'store/crm', taken.outputs['backup-id']!), { recursive: true });
  });

  test('a restore test proves every row in a scratch database on the server given', async () => {
    const scratch = await newDatabase(18);
    const tested = await act('restore-test', { backup: firstId, identity, 'scratch-url': scratch });
    expect(tested.log).not.toContain('::error');
    expect(tested).toMatchObject({ exitCode: 0, outputs: { status: 'succeeded', rows: '2', tables: '1' } });
    expect(tested.summary).toContain('every row equal');
    const names = await run(
      (await server(18)).url,
      `SELECT datname FROM pg_database WHERE datname LIKE 'holdfast_scratch%'`,
    );
    expect(names).toEqual([]);
  });
});

describe('restore', () => {
  let broken: string;
  const restore = (inputs: Record<string, string>) =>
    act('restore', { backup: firstId, 'target-url': url, mode: 'replace', identity, ...inputs });

  beforeAll(async () => {
    await run(url, 'DELETE FROM staff');
    broken = await contentRootOf(url);
  });

  test('only plans unless it is told otherwise', async () => {
    const planned = await restore({ confirm: 'RESTORE' });
    expect(planned).toMatchObject({
      exitCode: 0,
      outputs: { status: 'planned', 'backup-id': firstId, database: 'crm' },
    });
    expect(planned.summary).toContain('nothing has been changed yet');
    expect(await contentRootOf(url)).toBe(broken);
  });

  test.each([
    [{ 'plan-only': 'false' }, 'was not confirmed'],
    [{ 'plan-only': 'false', confirm: 'restore' }, 'was not confirmed'],
    [{ 'plan-only': 'false', confirm: 'RESTORE' }, 'not the database that was named'],
    [{ 'plan-only': 'false', confirm: 'RESTORE', 'target-name': 'other' }, 'not the database that was named'],
    [{ 'plan-only': 'yes' }, 'true or false'],
    [{ 'target-url': '' }, 'is the secret set in this environment?'],
    [{ mode: 'tables' }, 'needs tables'],
  ])('%j changes nothing', async (inputs, says) => {
    const refused = await restore(inputs as unknown as Record<string, string>);
    expect(refused.exitCode).toBe(2);
    expect(errorsOf(refused)[0]!.message).toContain(says);
    expect(await contentRootOf(url)).toBe(broken);
  });

  test('with both, the rows are back, and a backup was taken before and after', async () => {
    const name = new URL(url).pathname.slice(1);
    const restored = await restore({ 'plan-only': 'false', confirm: 'RESTORE', 'target-name': name });
    expect(restored.log).not.toContain('::error');
    expect(restored).toMatchObject({ exitCode: 0, outputs: { status: 'restored', rows: '2' } });
    expect(restored.outputs['before']).toMatch(/^crm-/);
    expect(restored.outputs['after']).toMatch(/^crm-/);
    expect(await run(url, 'SELECT name FROM staff ORDER BY id')).toEqual([{ name: 'Ada' }, { name: 'Bob' }]);
  });
});

test('status says what health is, and why', async () => {
  const told = await act('status', { out: 'public' });
  expect(told.log).not.toContain('::error');
  expect(told.outputs['health']).toMatch(/^(good|warning)$/);
  const status = JSON.parse(await readFile(join(workspace, 'public/status.json'), 'utf8'));
  expect(status.health.state).toBe(told.outputs['health']);
  const none = await act('status', {}, { workspace: await mkdtemp(join(workspace, 'empty-')) });
  expect(none.exitCode).not.toBe(0);
  expect(none.outputs['health']).not.toBe('good');
});
