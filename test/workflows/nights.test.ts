import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newDatabase, run, server, stopServers } from '../support/servers.ts';
import { granting } from '../support/workflow/granting.ts';
import { type Host, type HostSettings, openHost } from '../support/workflow/host.ts';
import { branch, errorsOf, last, ledger, page, stored } from '../support/workflow/left-behind.ts';
import { runWorkflow } from '../support/workflow/run-workflow.ts';
import type { RunOptions } from '../support/workflow/scope.ts';

/**
 * The workflows as they are in .github/workflows, job by job: real expressions, our actions from the committed bundle,
 * a real server. GitHub's services and others' actions are fakes.
 */

const major = 18;
let identity: string;
let recipient: string;
let url: string;
const hosts: Host[] = [];

beforeAll(async () => {
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
  url = await newDatabase(major);
  await run(
    url,
    `CREATE TABLE staff (id int PRIMARY KEY, name text); INSERT INTO staff VALUES (1, 'Ada'), (2, 'Bob')`,
  );
});
afterAll(async () => {
  for (const host of hosts) await host.close();
  await stopServers();
});

async function open(settings: HostSettings = {}): Promise<Host> {
  const host = await openHost({
    vars: { HOLDFAST_POSTGRES_MAJOR: String(major) },
    secrets: { DATABASE_URL: url },
    environments: { 'holdfast-proof': { secrets: { HOLDFAST_IDENTITY: identity } } },
    serviceUrl: async (image) => (await server(Number(image.split(':')[1]))).url,
    ...settings,
  });
  hosts.push(host);
  return host;
}

const configuration = (databases: Record<string, string>, retention = {}) => ({
  'holdfast.yml': JSON.stringify({
    databases: Object.fromEntries(
      Object.entries(databases).map(([name, variable]) => [name, { url: `\${${variable}}` }]),
    ),
    stores: { artifacts: { type: 'artifact', 'retention-days': 60 } },
    encryption: { recipients: [recipient] },
    ledger: { type: 'github' },
    retention,
  }),
});

const scheduled = (cron: string): RunOptions => ({ event: 'schedule', payload: { schedule: cron } });
const nightly = scheduled('0 2 * * *');
const night = (host: Host, changes: Partial<RunOptions> = {}) =>
  runWorkflow(host, 'backup.yml', { ...nightly, ...changes });

const names = async () => (await run(url, 'SELECT name FROM staff ORDER BY id')).map(({ name }) => name);

const without = <T extends object>(all: T, name: keyof T) => {
  const { [name]: _, ...rest } = all;
  return rest;
};

const allGood = {
  databases: 'success',
  'backup (crm)': 'success',
  'prune (crm)': 'success',
  'status / evaluate': 'success',
  'status / build': 'success',
  'status / deploy': 'success',
};

describe('a repository with a holdfast.yml', () => {
  let host: Host;
  beforeAll(async () => {
    const secrets = { TARGET_URL: url, HOLDFAST_IDENTITY: identity };
    host = await open({
      files: configuration({ crm: 'DATABASE_URL' }),
      environments: {
        'holdfast-proof': { secrets: { HOLDFAST_IDENTITY: identity } },
        production: { secrets, needsReview: true },
        'production-plan': { secrets },
      },
    });
  });

  test('in the first night there is a backup, a ledger on its branch, and a page that says what is not proved', async () => {
    expect(branch(host)).toBeNull();
    const first = await night(host);
    expect(first.problems).toEqual([]);
    expect(first.results()).toEqual(allGood);
    const [record] = ledger(host, 'backup');
    expect(record).toMatchObject({ outcome: 'succeeded', trigger: 'schedule', database: 'crm' });
    expect(record!.runUrl).toBe(`https://github.com/acme/backups/actions/runs/${first.id}`);
    const kept = host.github.repository.artifacts.map(({ name }) => name);
    expect(kept.filter((name) => name.includes(record!.backupId!))).toHaveLength(2);
    expect(kept).toContain('holdfast-status');
    expect(page(host).health.state).toBe('warning');
    expect(
      page(host)
        .health.reasons.map(({ text }) => text)
        .join(),
    ).toMatch(/restore test/);
    expect(host.page!['index.html']).toContain('https://acme.github.io/backups/');
    expect(first.job('status / evaluate').outputs).toEqual({ health: 'warning' });
  });

  test('a catch-up run after it has nothing to do, and still publishes the page', async () => {
    const before = ledger(host, 'backup').length;
    host.page = null;
    const later = await runWorkflow(host, 'backup.yml', scheduled('23 1-23/2 * * *'));
    expect(later.problems).toEqual([]);
    expect(later.results()).toMatchObject({
      'backup (crm)': 'success',
      prune: 'skipped',
      'status / deploy': 'success',
    });
    expect(last(later.job('backup (crm)')).outputs['status']).toBe('skipped');
    expect(ledger(host, 'backup')).toHaveLength(before);
    expect(page(host).health.state).toBe('warning');
  });

  test('weekly and monthly it is proved, in a service container of the right major, and health is good', async () => {
    const verified = await runWorkflow(host, 'verify.yml', scheduled('41 4 * * 0'));
    expect(verified.problems).toEqual([]);
    expect(last(verified.job('verify')).outputs['rung']).toBe('readable');
    const tested = await runWorkflow(host, 'restore-test.yml', scheduled('19 5 3 * *'));
    expect(tested.problems).toEqual([]);
    const job = tested.job('restore-test (crm)');
    expect(job).toMatchObject({ environment: 'holdfast-proof', services: { scratch: `postgres:${major}` } });
    expect(last(job).outputs).toMatchObject({ status: 'succeeded', rows: '2', tables: '1' });
    expect(page(host).health).toMatchObject({ state: 'good', reasons: [] });
  });

  test('a night in which the database is down is red, recorded and told; the next one recovers', async () => {
    const { DATABASE_URL } = host.secrets;
    host.secrets['DATABASE_URL'] = 'postgres://keeper:no-such-password@127.0.0.1:1/crm';
    const failed = await night(host);
    expect(failed.result).toBe('failure');
    expect(failed.results()).toEqual({
      ...without(allGood, 'prune (crm)'),
      'backup (crm)': 'failure',
      prune: 'skipped',
    });
    expect(errorsOf(failed)).toHaveLength(1);
    expect(failed.problems.join()).not.toContain('no-such-password');
    expect(ledger(host, 'backup').at(-1)).toMatchObject({ outcome: 'failed', backupId: null });
    expect(page(host).health.state).toBe('warning');
    expect(host.github.repository.issues.at(-1)).toMatchObject({
      title: 'Backups of crm: Warning',
      state: 'open',
    });

    host.secrets['DATABASE_URL'] = DATABASE_URL!;
    const next = await night(host);
    expect(next.problems).toEqual([]);
    expect(page(host).health.state).toBe('good');
    expect(host.github.repository.issues.map(({ state }) => state)).not.toContain('open');
  });

  test('an event of the CRM makes a backup, and a second one within the hour none', async () => {
    const send = () =>
      runWorkflow(host, 'backup.yml', {
        event: 'repository_dispatch',
        payload: { action: 'form_submission' },
      });
    const before = ledger(host, 'backup').length;
    const [first, second] = [await send(), await send()];
    expect([...first.problems, ...second.problems]).toEqual([]);
    expect(last(first.job('backup (crm)')).outputs['status']).toBe('succeeded');
    expect(last(second.job('backup (crm)')).outputs['status']).toBe('skipped');
    expect(first.results()).toMatchObject({ prune: 'skipped' });
    expect(ledger(host, 'backup')).toHaveLength(before + 1);
    expect(ledger(host, 'backup').at(-1)).toMatchObject({ trigger: 'form_submission' });
  });

  test('once a quarter an issue says what is kept, and nothing is deleted', async () => {
    const before = host.github.repository.artifacts.length;
    const reviewed = await runWorkflow(host, 'retention-review.yml', scheduled('11 6 2 1,4,7,10 *'));
    expect(reviewed.problems).toEqual([]);
    const { issues, artifacts } = host.github.repository;
    expect(issues.at(-1)!.body).toContain('crm');
    expect(last(reviewed.job('review')).outputs['issue-url']).toContain(`/issues/${issues.at(-1)!.number}`);
    expect(artifacts).toHaveLength(before);
    expect(ledger(host, 'review').at(-1)).toMatchObject({ outcome: 'succeeded' });
  });

  describe('restore', () => {
    const name = () => new URL(url).pathname.slice(1);
    const restore = (inputs: Record<string, string>, approve?: RunOptions['approve']) =>
      runWorkflow(host, 'restore.yml', {
        event: 'workflow_dispatch',
        inputs: { environment: 'production', ...inputs },
        ...(approve ? { approve } : {}),
      });
    beforeAll(() => run(url, 'DELETE FROM staff WHERE id = 2'));

    test('without a confirmation only shows the plan, and asks nobody', async () => {
      const planned = await restore({});
      expect(planned.problems).toEqual([]);
      expect(planned.results()).toEqual({ plan: 'success', restore: 'skipped', status: 'skipped' });
      expect(planned.job('plan')).toMatchObject({
        environment: 'production-plan',
        outputs: { database: 'crm' },
      });
      expect(last(planned.job('plan')).action!.summary).toContain('nothing has been changed yet');
      expect(await names()).toEqual(['Ada']);
    });

    test.each([
      ['the wrong word', { confirm: 'restore', 'target-name': '' }, 'was not confirmed'],
      [
        'the wrong database',
        { confirm: 'RESTORE', 'target-name': 'other' },
        'not the database that was named',
      ],
    ])('with %s changes nothing, also when it was approved', async (_, inputs, says) => {
      const refused = await restore(inputs, () => true);
      expect(refused.results()).toMatchObject({
        plan: 'success',
        restore: 'failure',
        'status / deploy': 'success',
      });
      expect(
        errorsOf(refused)
          .map(({ message }) => message)
          .join(),
      ).toContain(says);
      expect(await names()).toEqual(['Ada']);
    });

    test('without approval changes nothing', async () => {
      const asked: string[] = [];
      const denied = await restore({ confirm: 'RESTORE', 'target-name': name() }, (environment) => {
        asked.push(environment);
        return false;
      });
      expect(asked).toEqual(['production']);
      expect(denied.job('restore')).toMatchObject({ result: 'failure', steps: [] });
      expect(await names()).toEqual(['Ada']);
    });

    test('with both brings the rows back, never beside a backup', async () => {
      const restored = await restore({ confirm: 'RESTORE', 'target-name': name() }, () => true);
      expect(restored.problems).toEqual([]);
      expect(await names()).toEqual(['Ada', 'Bob']);
      const { outputs } = last(restored.job('restore'));
      expect(outputs).toMatchObject({ status: 'restored', rows: '2' });
      expect(ledger(host, 'backup').map(({ backupId }) => backupId)).toEqual(
        expect.arrayContaining([outputs['before'], outputs['after']]),
      );
      expect(ledger(host, 'restore').at(-1)).toMatchObject({ outcome: 'succeeded' });
      expect(restored.job('restore').concurrency).toEqual({
        group: 'holdfast-crm',
        'cancel-in-progress': false,
        queue: 'max',
      });
    });
  });

  describe('a grant that is missing', () => {
    test.each([
      ['backup.yml', 'databases', 'contents', 'databases'],
      ['backup.yml', 'backup', 'contents', 'backup (crm)'],
      ['status.yml', 'evaluate', 'contents', 'evaluate'],
      ['status.yml', 'build', 'pages', 'build'],
      ['status.yml', 'deploy', 'id-token', 'deploy'],
    ])('%s, %s: without %s the run is red and says so', async (file, job, scope, where) => {
      const edit = granting(file, job, scope, 'none');
      const crippled = await runWorkflow(host, file, { event: 'workflow_dispatch', edit });
      expect(crippled.result).toBe('failure');
      expect(crippled.job(where).result).toBe('failure');
      expect(crippled.problems.join('\n')).toMatch(/not accessible|permission/i);
    });
  });
});

describe('a repository without a holdfast.yml', () => {
  test('that gives a URL and a recipient has its nights, proofs and restores', async () => {
    const secrets = { TARGET_URL: url, HOLDFAST_IDENTITY: identity };
    const host = await open({
      vars: { HOLDFAST_RECIPIENTS: recipient, HOLDFAST_POSTGRES_MAJOR: String(major) },
      environments: {
        'holdfast-proof': { secrets },
        production: { secrets },
        'production-plan': { secrets },
      },
    });
    const first = await night(host);
    expect(first.problems).toEqual([]);
    expect(first.results()).toMatchObject({ 'backup (main)': 'success', 'prune (main)': 'success' });
    const tested = await runWorkflow(host, 'restore-test.yml', scheduled('19 5 3 * *'));
    expect(tested.problems).toEqual([]);
    await run(url, 'DELETE FROM staff WHERE id = 2');
    const inputs = {
      environment: 'production',
      confirm: 'RESTORE',
      'target-name': new URL(url).pathname.slice(1),
    };
    const restored = await runWorkflow(host, 'restore.yml', { event: 'workflow_dispatch', inputs });
    expect(restored.problems).toEqual([]);
    expect(await names()).toEqual(['Ada', 'Bob']);
  });

  test('that calls our workflows passes what they need, and grants no more', async () => {
    const host = await open({
      vars: { HOLDFAST_RECIPIENTS: recipient },
      workflowRepository: 'example/holdfast',
    });
    const caller = `on: { schedule: [{ cron: '0 2 * * *' }] }
permissions: {}
jobs:
  backup:
    permissions: { contents: write, actions: write, issues: write, pages: write, id-token: write }
    uses: example/holdfast/.github/workflows/backup.yml@c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0c0ffe
    with: { database: billing }
    secrets: { DATABASE_URL: '\${{ secrets.DATABASE_URL }}' }
`;
    const called = await runWorkflow(host, 'own.yml', nightly, caller);
    expect(called.problems).toEqual([]);
    expect(called.results()).toMatchObject({
      'backup / backup (billing)': 'success',
      'backup / status / deploy': 'success',
    });
    const narrow = caller.replace('contents: write', 'contents: read');
    await expect(runWorkflow(host, 'own.yml', nightly, narrow)).rejects.toThrow(
      "requesting 'contents: write'",
    );
  });

  test('in which nothing is set up fails with one error that says what to do, and leaves nothing behind', async () => {
    const host = await open({ secrets: {}, vars: {}, environments: {} });
    const empty = await night(host);
    expect(empty.result).toBe('failure');
    expect(errorsOf(empty)).toHaveLength(1);
    expect(errorsOf(empty)[0]!.message).toContain('There is no holdfast.yml');
    expect(errorsOf(empty)[0]!.message).toContain(
      'the secret DATABASE_URL and the variable HOLDFAST_RECIPIENTS',
    );
    expect(empty.results()).toEqual({
      databases: 'failure',
      backup: 'skipped',
      prune: 'skipped',
      status: 'skipped',
    });
    expect(branch(host)).toBeNull();
    expect(host.github.repository.artifacts).toEqual([]);
    expect(host.page).toBeNull();
  });
});

describe('two databases', () => {
  const asks = (database: string): RunOptions => ({ event: 'workflow_dispatch', inputs: { database } });
  let host: Host;
  beforeAll(async () => {
    host = await open({
      files: configuration(
        { crm: 'DATABASE_URL', billing: 'BILLING_URL' },
        { 'keep-last': 2, 'keep-days': 0 },
      ),
      secrets: { DATABASE_URL: url, HOLDFAST_SECRETS: 'BILLING_URL=postgres://keeper@127.0.0.1:1/billing' },
    });
  });

  test('of which one is broken: the other has its backup, and health is critical', async () => {
    const mixed = await night(host);
    expect(mixed.results()).toEqual({
      ...without(allGood, 'prune (crm)'),
      'backup (billing)': 'failure',
      prune: 'skipped',
    });
    expect(errorsOf(mixed)).toHaveLength(1);
    const outcomes = ledger(host, 'backup').map(({ database, outcome }) => `${database} ${outcome}`);
    expect(outcomes.sort()).toEqual(['billing failed', 'crm succeeded']);
    expect(page(host).health.state).toBe('critical');
    const groups = ['crm', 'billing'].map((name) => mixed.job(`backup (${name})`).concurrency!.group);
    expect(groups).toEqual(['holdfast-crm', 'holdfast-billing']);
  });

  test('one of them by hand; what no rule keeps is deleted, if the token may', async () => {
    host.vars['HOLDFAST_PAGES'] = 'off';
    const second = await runWorkflow(host, 'backup.yml', asks('crm'));
    expect(second.problems).toEqual([]);
    expect(second.results()).toMatchObject({ 'backup (crm)': 'success', 'status / build': 'skipped' });
    expect(second.jobs.map(({ name }) => name)).not.toContain('backup (billing)');
    expect(stored(host, 'crm')).toHaveLength(2);

    const edit = granting('backup.yml', 'prune', 'actions', 'read');
    const denied = await runWorkflow(host, 'backup.yml', { ...asks('crm'), edit });
    expect(denied.job('prune (crm)').result).toBe('failure');
    expect(denied.problems.join()).toMatch(/permission/i);
    expect(stored(host, 'crm')).toHaveLength(3);

    const oldest = stored(host, 'crm')[0];
    const allowed = await runWorkflow(host, 'backup.yml', asks('crm'));
    expect(allowed.problems).toEqual([]);
    expect(stored(host, 'crm')).not.toContain(oldest);
  });
});
