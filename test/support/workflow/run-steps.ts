import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Permissions } from '../github/route.ts';
import { type ActionRun, runAction } from '../runner.ts';
import type { StepDefinition } from './definition.ts';
import { type Contexts, fill, fillTexts, holds } from './expressions.ts';
import type { Host } from './host.ts';
import { playOtherAction } from './others-actions.ts';

/** The steps of one job, one after the other, in a workspace of their own. Our actions run for real. */

export interface StepRun {
  /** What it uses, without the pin, or runs. */
  what: string;
  outcome: 'success' | 'failure' | 'skipped';
  outputs: Record<string, string>;
  /** Of our actions. */
  action: ActionRun | null;
  log: string;
}

export interface JobSetting {
  host: Host;
  runId: number;
  event: { name: string; payload: unknown };
  permissions: Permissions;
  /** Variables of the workflow and the job. */
  env: Record<string, string>;
  /** Text that stands for a service container, and what leads there here. */
  serviceUrls: readonly (readonly [string, string])[];
  contexts: Contexts;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const commands = fileURLToPath(new URL('./commands', import.meta.url));

export async function runSteps(steps: readonly StepDefinition[], setting: JobSetting): Promise<StepRun[]> {
  const workspace = await mkdtemp(join(tmpdir(), 'holdfast-job-'));
  const runs: StepRun[] = [];
  const named: Record<string, { outcome: string; outputs: Record<string, string> }> = {};
  const before: string[] = [];
  try {
    for (const step of steps) {
      const contexts = { ...setting.contexts, env: setting.env, steps: named };
      const what = step.uses?.split('@')[0] ?? step.run!;
      const skipped: StepRun = { what, outcome: 'skipped', outputs: {}, action: null, log: '' };
      const run = holds(step.condition, contexts, before)
        ? await runStep(step, { ...setting, contexts }, workspace).then((done) => ({ ...skipped, ...done }))
        : skipped;
      runs.push(run);
      if (run.outcome === 'failure' && !step['continue-on-error']) before.push('failure');
      if (step.id) named[step.id] = { outcome: run.outcome, outputs: run.outputs };
    }
    return runs;
  } finally {
    await rm(workspace, { recursive: true, force: true });
  }
}

async function runStep(
  step: StepDefinition,
  setting: JobSetting,
  workspace: string,
): Promise<Partial<StepRun>> {
  const { host, runId, permissions, event } = setting;
  const env = { ...setting.env, ...fillTexts(step.env, setting.contexts) };
  const inputs = fillTexts(step.with, setting.contexts);
  if (step.run) return runInBash(step.run, workspace, env);
  if (!step.uses!.startsWith('$/')) {
    return playOtherAction(step.uses!, { inputs, workspace, runId, permissions, host }).then(
      (outputs) => ({ outcome: 'success', outputs }),
      (error: Error) => ({ outcome: 'failure', log: error.message }),
    );
  }
  const folder = resolve(root, step.uses!.slice(2));
  const { inputs: declared, outputs } = parse(await readFile(join(folder, 'action.yml'), 'utf8'));
  const given = { ...computedDefaults(declared, setting.contexts), ...inputs };
  const action = await runAction(folder, {
    workspace,
    event,
    inputs: Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, throughServices(value, setting)]),
    ),
    env: {
      ...host.service.environmentOf(runId),
      GITHUB_API_URL: host.github.url,
      NODE_COMPILE_CACHE: host.compileCache,
      ...env,
    },
  });
  const undeclared = Object.keys(action.outputs).filter((name) => !(name in outputs));
  if (undeclared.length > 0) throw new Error(`${step.uses} declares no output ${undeclared}.`);
  const outcome = action.exitCode === 0 ? 'success' : 'failure';
  return { outcome, outputs: action.outputs, action, log: action.log };
}

/** Defaults of an action's inputs that are expressions, such as the token. */
function computedDefaults(
  declared: Record<string, { default?: unknown }>,
  contexts: Contexts,
): Record<string, string> {
  const computed = Object.entries(declared)
    .map(([name, input]): [string, unknown] => [name, input.default])
    .filter(([, value]) => typeof value === 'string' && value.includes('${{'));
  return Object.fromEntries(computed.map(([name, value]) => [name, String(fill(value, contexts) ?? '')]));
}

function throughServices(text: string, { serviceUrls }: JobSetting): string {
  return serviceUrls.reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
}

/** In the folder `commands` is an npm that needs no registry. */
function runInBash(script: string, cwd: string, env: Record<string, string>): Promise<Partial<StepRun>> {
  const PATH = `${commands}:${process.env['PATH']}`;
  const options = { cwd, env: { ...env, PATH }, timeout: 60_000 };
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], options);
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => {
      log += part;
    });
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => done({ outcome: code === 0 ? 'success' : 'failure', log }));
  });
}
