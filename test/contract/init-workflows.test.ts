import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { callerWorkflows } from '../../src/init/callers.ts';
import { complaintsAbout } from '../support/workflow-parser.ts';

/** The workflows that `holdfast init` writes fit those that they call, whatever becomes of either. */

interface Job {
  uses?: string;
  permissions?: Record<string, string>;
  with?: Record<string, string>;
  secrets?: Record<string, string>;
}
interface Workflow {
  name: string;
  on: {
    schedule?: { cron: string }[];
    workflow_dispatch?: { inputs?: Record<string, unknown> } | null;
    repository_dispatch?: { types: string[] };
    workflow_call?: {
      inputs?: Record<string, { type: string; required?: boolean }>;
      secrets?: Record<string, unknown>;
    };
  };
  permissions: Record<string, string>;
  concurrency?: { group: string; 'cancel-in-progress': boolean };
  jobs: Record<string, Job>;
}

const commit = '0123456789abcdef0123456789abcdef01234567';
const written = Object.entries(callerWorkflows(`acme/holdfast@${commit}`)).map(([path, text]) => {
  const name = /holdfast-(.+)\.yml$/.exec(path)![1]!;
  const caller = parse(text) as Workflow;
  return { name, path, text, caller, job: Object.values(caller.jobs)[0]!, called: ourWorkflow(name) };
});

function ourWorkflow(name: string): Workflow {
  const file = fileURLToPath(new URL(`../../.github/workflows/${name}.yml`, import.meta.url));
  return parse(readFileSync(file, 'utf8'));
}

/** What the jobs of a workflow ask for, those of workflows that it calls included. */
function neededBy(workflow: Workflow): Map<string, string> {
  const needed = new Map<string, string>();
  const add = (scope: string, level: string) => {
    if (needed.get(scope) !== 'write') needed.set(scope, level);
  };
  for (const { permissions = {}, uses } of Object.values(workflow.jobs)) {
    for (const [scope, level] of Object.entries(permissions)) add(scope, level);
    const nested = /^\$\/\.github\/workflows\/(.+)\.yml$/.exec(uses ?? '')?.[1];
    if (nested) for (const [scope, level] of neededBy(ourWorkflow(nested))) add(scope, level);
  }
  return needed;
}

test('there is one for each that runs by itself or is started by a person', () => {
  expect(written.map(({ path }) => path)).toEqual(
    ['backup', 'verify', 'restore-test', 'restore', 'retention-review', 'status'].map(
      (name) => `.github/workflows/holdfast-${name}.yml`,
    ),
  );
});

describe.each(written)('holdfast-$name.yml', ({ name, text, caller, job, called }) => {
  test("passes GitHub's own parser", async () => {
    expect(await complaintsAbout(text)).toEqual([]);
  });

  test('calls ours by its commit', () => {
    expect(job.uses).toBe(`acme/holdfast/.github/workflows/${name}.yml@${commit}`);
    expect(Object.keys(caller.jobs)).toHaveLength(1);
  });

  test('runs at the same times, for the same events and questions', () => {
    expect(caller.on.schedule).toEqual(called.on.schedule);
    expect(caller.on.repository_dispatch).toEqual(called.on.repository_dispatch);
    expect(caller.on).toHaveProperty('workflow_dispatch');
    const asked = caller.on.workflow_dispatch?.inputs;
    for (const [input, definition] of Object.entries(asked ?? {}))
      expect(called.on.workflow_dispatch!.inputs).toHaveProperty(input, definition);
    // Each answer is passed on.
    expect(Object.keys(job.with ?? {})).toEqual(Object.keys(asked ?? {}));
  });

  test('grants just what the called jobs ask for', () => {
    expect(caller.permissions).toEqual({});
    expect(new Map(Object.entries(job.permissions!))).toEqual(neededBy(called));
  });

  test('gives all secrets and inputs that it takes, and no others', () => {
    const { inputs = {}, secrets = {} } = called.on.workflow_call!;
    expect(Object.keys(job.secrets!)).toEqual(Object.keys(secrets));
    for (const [secret, value] of Object.entries(job.secrets!))
      expect(value).toBe(`\${{ secrets.${secret} }}`);
    for (const input of Object.keys(job.with ?? {})) expect(inputs).toHaveProperty(input);
    for (const [input, { required }] of Object.entries(inputs))
      if (required) expect(job.with).toHaveProperty(input);
  });

  test('cancels nothing; a backup or restore that waits is not replaced either', () => {
    if (name === 'backup' || name === 'restore') expect(caller.concurrency).toBeUndefined();
    else expect(caller.concurrency).toMatchObject({ 'cancel-in-progress': false });
    // A group of the called workflow would wait for its own caller for ever.
    const groups = [...JSON.stringify(called).matchAll(/"group":"([^"]+)"/g)].map(([, group]) => group);
    expect(groups).not.toContain(caller.concurrency?.group);
  });
});

test('a restore asks for all that the restore of this repository asks for, and only a person starts it', () => {
  const { caller, called } = written.find(({ name }) => name === 'restore')!;
  expect(caller.on).toEqual({ workflow_dispatch: called.on.workflow_dispatch });
});
