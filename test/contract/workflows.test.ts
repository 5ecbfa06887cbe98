import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { complaintsAbout } from '../support/workflow-parser.ts';

/** What must stay true of every workflow, so that no linter from elsewhere is needed to keep it so. */

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  uses?: string;
  steps?: Step[];
  permissions?: Record<string, string>;
  environment?: unknown;
  concurrency?: { group: string; 'cancel-in-progress': boolean | string; queue?: string };
  'timeout-minutes'?: number;
  services?: Record<string, unknown>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, '.github/workflows');
const files = readdirSync(folder).filter((name) => name.endsWith('.yml'));
const textOf = (file: string) => readFileSync(join(folder, file), 'utf8');
const workflowOf = (file: string): Workflow => parse(textOf(file));
const jobs = files.flatMap((file) =>
  Object.entries(workflowOf(file).jobs).map(([name, job]) => ({ name: `${file}: ${name}`, file, job })),
);
const steps = jobs.flatMap(({ name, job }) => (job.steps ?? []).map((step) => ({ name, step })));
const uses = [
  ...jobs.map(({ name, job }) => ({ name, uses: job.uses })),
  ...steps.map(({ name, step }) => ({ name, uses: step.uses })),
].filter((each): each is { name: string; uses: string } => each.uses !== undefined);

/** What each job's token may do. Widening it means to change this table, and to say why. */
const permissions: Record<string, Record<string, string>> = {
  'backup.yml: databases': { contents: 'read' },
  'backup.yml: backup': { contents: 'write', actions: 'read' },
  'backup.yml: prune': { contents: 'write', actions: 'write' },
  'backup.yml: status': { contents: 'write', issues: 'write', pages: 'write', 'id-token': 'write' },
  'verify.yml: verify': { contents: 'write', actions: 'read' },
  'verify.yml: status': { contents: 'write', issues: 'write', pages: 'write', 'id-token': 'write' },
  'restore-test.yml: databases': { contents: 'read' },
  'restore-test.yml: restore-test': { contents: 'write', actions: 'read' },
  'restore-test.yml: status': { contents: 'write', issues: 'write', pages: 'write', 'id-token': 'write' },
  'restore.yml: plan': { contents: 'write', actions: 'read' },
  'restore.yml: restore': { contents: 'write', actions: 'read' },
  'restore.yml: status': { contents: 'write', issues: 'write', pages: 'write', 'id-token': 'write' },
  'retention-review.yml: review': { contents: 'write', actions: 'read', issues: 'write' },
  'status.yml: evaluate': { contents: 'write', issues: 'write' },
  'status.yml: build': { contents: 'read', pages: 'read' },
  'status.yml: deploy': { pages: 'write', 'id-token': 'write' },
  'ci.yml: test': { contents: 'read' },
  'ci.yml: dependencies': { contents: 'read' },
  'ci.yml: ok': {},
  'release.yml: release': { contents: 'write', 'id-token': 'write', attestations: 'write' },
};

test('the workflows that the documents speak of are there', () => {
  expect(files.sort()).toEqual([
    'backup.yml',
    'ci.yml',
    'release.yml',
    'restore-test.yml',
    'restore.yml',
    'retention-review.yml',
    'status.yml',
    'verify.yml',
  ]);
});

test.each([
  ['queue: max', 'queue: always'],
  ["cron: '0 2 * * *'", "cron: '0 25 * * *'"],
  ['timeout-minutes: 340', 'timeout-minute: 340'],
  ['needs.databases.outputs.matrix', 'needs.databases.outputs.matrix ||'],
])('the parser would notice %s written as %s', async (right, wrong) => {
  expect(textOf('backup.yml')).toContain(right);
  expect(await complaintsAbout(textOf('backup.yml').replace(right, wrong))).not.toEqual([]);
});

describe.each(files)('%s', (file) => {
  test("GitHub's own parser has nothing against it", async () => {
    expect(await complaintsAbout(textOf(file))).toEqual([]);
  });

  test('grants nothing to all jobs, and says why of each grant', () => {
    const text = textOf(file);
    expect(workflowOf(file).permissions).toEqual({});
    const grants = text.split('\n').filter((line) => /^\s+[a-z-]+: (read|write)\b/.test(line));
    for (const line of grants) expect(line).toMatch(/# \S+/);
  });

  test('begins with what it is for', () => {
    expect(textOf(file)).toMatch(/^# \S/);
  });
});

test('each job may do what the table says, and no more', () => {
  expect(Object.fromEntries(jobs.map(({ name, job }) => [name, job.permissions]))).toEqual(permissions);
});

test('each job ends by itself', () => {
  for (const { name, job } of jobs) {
    if (job.uses) continue;
    // GitHub ends a job after six hours, and then nothing is recorded.
    expect(job['timeout-minutes'], name).toBeLessThanOrEqual(340);
  }
});

test('actions of others are pinned to a commit, with the version beside it; ours lie in this repository', () => {
  expect(uses.length).toBeGreaterThan(20);
  for (const file of files) {
    for (const line of textOf(file).split('\n')) {
      const target = /^\s*(?:- )?uses: (\S+)/.exec(line)?.[1];
      if (!target || target.startsWith('$/')) continue;
      expect(line, file).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  }
  const own = uses.filter((each) => each.uses.startsWith('$/')).map((each) => each.uses.slice(2));
  expect(own.length).toBeGreaterThan(8);
  for (const path of own) expect(existsSync(join(root, path)), path).toBe(true);
});

test('no third party’s action runs where a secret is', () => {
  const withSecrets = jobs.filter(({ job }) => JSON.stringify(job).includes('secrets.'));
  for (const { name, job } of withSecrets) {
    for (const step of job.steps ?? []) expect(step.uses ?? '', name).toMatch(/^$|^\$\/|^actions\//);
    expect(
      job.steps?.some((step) => step.run),
      name,
    ).toBeFalsy();
  }
});

test('our actions get only inputs that they declare', () => {
  for (const { name, step } of steps) {
    if (!step.uses?.startsWith('$/actions/')) continue;
    const action = parse(readFileSync(join(root, step.uses.slice(2), 'action.yml'), 'utf8'));
    for (const input of Object.keys(step.with ?? {}))
      expect(Object.keys(action.inputs), `${name}: ${input}`).toContain(input);
  }
});

test('a checkout leaves no token behind', () => {
  const checkouts = steps.filter(({ step }) => step.uses?.startsWith('actions/checkout@'));
  for (const { name, step } of checkouts) expect(step.with?.['persist-credentials'], name).toBe(false);
});

test('no expression stands in a shell script', () => {
  for (const { name, step } of steps) expect(step.run ?? '', name).not.toContain('${{');
});

test('commands of ours that workflows run are there, with their flags', async () => {
  const calls = steps.flatMap(({ step }) => [...(step.run ?? '').matchAll(/holdfast -- ([a-z-]+) (.*)/g)]);
  expect(calls.length).toBeGreaterThan(0);
  for (const [, command, rest] of calls) {
    const { stdout } = await promisify(execFile)('node', ['src/cli/holdfast.mjs', command!, '--help'], {
      cwd: root,
    });
    for (const [flag] of rest!.matchAll(/--[a-z-]+/g)) expect(stdout).toContain(`${flag} `);
  }
});

test('nothing with secrets is started from a fork, and only a person restores', () => {
  for (const file of files) {
    const events = Object.keys(workflowOf(file).on);
    expect(events).not.toContain('pull_request_target');
    if (file !== 'ci.yml') expect(events).not.toContain('pull_request');
  }
  // Called by another workflow it still asks for a person, who has started that one.
  expect(Object.keys(workflowOf('restore.yml').on)).toEqual(['workflow_dispatch', 'workflow_call']);
  const { plan, restore } = workflowOf('restore.yml').jobs as Record<
    string,
    Job & { if: string; needs: string }
  >;
  expect(plan!.if).toBe("${{ github.event_name == 'workflow_dispatch' }}");
  expect(restore).toMatchObject({ needs: 'plan', if: "${{ inputs.confirm != '' }}" });
  expect(textOf('restore.yml')).toContain('environment: ${{ inputs.environment }}');
});

test('backups and restores of a database never overlap, and one that waits is never cancelled', () => {
  const exclusive = ['backup.yml: backup', 'backup.yml: prune', 'restore.yml: restore'];
  for (const name of exclusive) {
    const { job } = jobs.find((each) => each.name === name)!;
    expect(job.concurrency).toMatchObject({ 'cancel-in-progress': false, queue: 'max' });
    expect(job.concurrency!.group).toMatch(/^holdfast-\$\{\{ (matrix|needs\.plan\.outputs)\.database \}\}$/);
  }
});

test('the identity is only where something is proved or restored, in an environment of its own', () => {
  const holders = jobs.filter(({ job }) => JSON.stringify(job).includes('HOLDFAST_IDENTITY'));
  expect(holders.map(({ name }) => name).sort()).toEqual([
    'restore-test.yml: restore-test',
    'restore.yml: plan',
    'restore.yml: restore',
    'verify.yml: verify',
  ]);
  for (const { name, job } of holders) expect(job.environment, name).toBeTruthy();
});

test('whatever changes health, the page is published after it, also when it failed', () => {
  for (const file of ['backup.yml', 'verify.yml', 'restore-test.yml', 'restore.yml']) {
    const { status } = workflowOf(file).jobs as Record<string, Job & { if: string }>;
    expect(status!.uses).toBe('$/.github/workflows/status.yml');
    expect(status!.if).toContain('!cancelled()');
  }
});
