import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { dispatchInputs, refuseOtherEvent } from './event.ts';
import type { Host } from './host.ts';
import { loadWorkflow } from './load.ts';
import { runJobs } from './run-jobs.ts';
import type { JobRun, RunOptions, WorkflowRun } from './scope.ts';

/**
 * Runs a workflow file as GitHub would, by its documentation: jobs in the order of their needs, each with its condition,
 * its matrix and its own token; called workflows with what they were given, and no more than they were granted.
 */

const folder = new URL('../../../.github/workflows/', import.meta.url);

/** @param text of a workflow of the test's own; left out: the file of that name in `.github/workflows` */
export async function runWorkflow(
  host: Host,
  file: string,
  options: RunOptions,
  text?: string,
): Promise<WorkflowRun> {
  const edit = options.edit ?? ((unchanged: string) => unchanged);
  const read = async (name: string) =>
    edit(await readFile(fileURLToPath(new URL(name, folder)), 'utf8'), name);
  const workflow = await loadWorkflow(file, text ?? (await read(file)), read);
  const inputs = dispatchInputs(workflow, options);
  const isPrivate = host.github.repository.visibility !== 'public';
  const payload = { ...options.payload, inputs, repository: { private: isPrivate } };
  refuseOtherEvent(workflow, options.event, payload);
  const runId = host.nextRunId();
  const finished: JobRun[] = [];
  const { secrets } = host;
  const scope = {
    host,
    runId,
    options,
    payload,
    workflow,
    inputs,
    secrets,
    prefix: '',
    callerResults: [],
    finished,
  };
  const result = await runJobs(scope);
  return {
    id: runId,
    result,
    jobs: finished,
    problems: finished.flatMap(({ name, steps }) =>
      steps.filter(({ outcome }) => outcome === 'failure').map(({ what, log }) => `${name}, ${what}: ${log}`),
    ),
    job(name) {
      const found = finished.find((each) => each.name === name);
      if (!found) throw new Error(`There is no job ${name}, but ${finished.map((each) => each.name)}.`);
      return found;
    },
    results: () => Object.fromEntries(finished.map((each) => [each.name, each.result])),
  };
}
