import type { Permissions } from '../github/route.ts';
import { fill, fillTexts, holds } from './expressions.ts';
import type { LoadedJob } from './load.ts';
import { combinationsOf } from './matrix.ts';
import { runJob } from './run-job.ts';
import type { JobResult, JobRun, Scope } from './scope.ts';

/** The jobs of a file in the order of their needs, and of those that it calls. */

interface Finished {
  result: JobResult;
  outputs: Record<string, string>;
  /** Its own result and those of all it needed, near or far. */
  chain: readonly string[];
}

export async function runJobs(scope: Scope): Promise<'success' | 'failure'> {
  const started = new Map<string, Promise<Finished>>();
  const start = (job: LoadedJob): Promise<Finished> => {
    const running = started.get(job.id) ?? whenNeeded(job);
    started.set(job.id, running);
    return running;
  };
  const whenNeeded = async (job: LoadedJob): Promise<Finished> => {
    const needed = job.needs.map((id) => start(scope.workflow.jobs.find((each) => each.id === id)!));
    const results = await Promise.all(needed);
    const needs = Object.fromEntries(
      results.map(({ result, outputs }, index) => [job.needs[index]!, { result, outputs }]),
    );
    // Also what the caller needed: whether GitHub counts that is not documented, and this is the stricter reading.
    const before = [...scope.callerResults, ...results.flatMap(({ chain }) => chain)];
    const done = await runMatrix(job, scope, needs, before);
    return { ...done, chain: [...results.flatMap(({ chain }) => chain), done.result] };
  };
  const all = await Promise.all(scope.workflow.jobs.map(start));
  return all.some(({ result }) => result === 'failure') ? 'failure' : 'success';
}

async function runMatrix(
  job: LoadedJob,
  scope: Scope,
  needs: unknown,
  before: readonly string[],
): Promise<Omit<Finished, 'chain'>> {
  const name = `${scope.prefix}${job.id}`;
  const { host, inputs } = scope;
  const github = { event_name: scope.options.event, event: scope.payload };
  const contexts = { github, inputs, vars: host.vars, needs };
  if (!holds(job.condition, contexts, before)) {
    scope.finished.push(skippedJob(name, job.permissions));
    return { result: 'skipped', outputs: {} };
  }
  if (job.called) return { result: await call(job, scope, contexts, before), outputs: {} };
  const matrices = job.strategy ? combinationsOf(fill(job.strategy.matrix, contexts)) : [{}];
  if (job.strategy && job.strategy['fail-fast'] !== false)
    throw new Error(`${name}: a matrix with fail-fast is not played here.`);
  const runs = await Promise.all(
    matrices.map((matrix) => {
      const [first] = Object.values(matrix);
      return runJob(first === undefined ? name : `${name} (${first})`, job, { ...scope, needs, matrix });
    }),
  );
  scope.finished.push(...runs);
  const result = runs.find((each) => each.result !== 'success')?.result ?? 'success';
  return { result, outputs: Object.assign({}, ...runs.map(({ outputs }) => outputs)) };
}

/** Only what was passed is there, beside the variables and environments of the repository. */
async function call(
  job: LoadedJob,
  scope: Scope,
  contexts: object,
  before: readonly string[],
): Promise<JobResult> {
  const given = fill(job.with ?? {}, { ...contexts }) as Record<string, unknown>;
  const declared = job.called!.on['workflow_call']?.inputs ?? {};
  const defaults = Object.entries(declared).map(([name, input]) => [name, input.default ?? null]);
  return runJobs({
    ...scope,
    workflow: job.called!,
    inputs: { ...Object.fromEntries(defaults), ...given },
    secrets: fillTexts(job.secrets, { ...contexts, secrets: scope.secrets }),
    prefix: `${scope.prefix}${job.id} / `,
    callerResults: before,
  });
}

function skippedJob(name: string, permissions: Permissions): JobRun {
  const nothing = { outputs: {}, steps: [], environment: null, concurrency: null, services: {} };
  return { name, result: 'skipped', permissions, ...nothing };
}
