import type { Permissions } from '../github/route.ts';
import { type JobDefinition, readWorkflow, type Trigger, type WorkflowDefinition } from './definition.ts';

/** A workflow with those that it calls. What GitHub finds wrong before a run starts is thrown here. */

export interface LoadedJob extends JobDefinition {
  called: LoadedWorkflow | null;
}
export interface LoadedWorkflow extends Omit<WorkflowDefinition, 'jobs'> {
  jobs: LoadedJob[];
}

/** @param read the text of a file in `.github/workflows` of the repository that holds our workflows */
export async function loadWorkflow(
  file: string,
  text: string,
  read: (file: string) => Promise<string>,
  allowed: Permissions | null = null,
): Promise<LoadedWorkflow> {
  const definition = await readWorkflow(file, text);
  const jobs = definition.jobs.map(async (job): Promise<LoadedJob> => {
    if (allowed) refuseMore(`${file}: ${job.id}`, job.permissions, allowed);
    if (!job.uses) return { ...job, called: null };
    const [, name] =
      /^(?:\$|[\w-]+\/[\w-]+)\/\.github\/workflows\/([\w-]+\.yml)(?:@\w+)?$/.exec(job.uses) ?? [];
    if (!name) throw new Error(`${file}: ${job.uses} is no workflow that is played here.`);
    const called = await loadWorkflow(name, await read(name), read, job.permissions);
    const trigger = called.on['workflow_call'];
    if (trigger === undefined) throw new Error(`${name} can't be called: it has no workflow_call.`);
    refuseMismatch(`${file}: ${job.id}`, job, trigger ?? {});
    return { ...job, called };
  });
  return { ...definition, jobs: await Promise.all(jobs) };
}

const levels = ['none', 'read', 'write'];

/** A called workflow's job may have less than its caller's, and not more. */
function refuseMore(job: string, asked: Permissions, allowed: Permissions) {
  for (const [scope, level] of Object.entries(asked)) {
    const most = allowed[scope] ?? 'none';
    if (levels.indexOf(level) > levels.indexOf(most))
      throw new Error(`${job} is requesting '${scope}: ${level}', but is only allowed '${scope}: ${most}'.`);
  }
}

function refuseMismatch(job: string, given: JobDefinition, trigger: Trigger) {
  const sides = [
    ['input', given.with ?? {}, trigger.inputs ?? {}],
    ['secret', given.secrets ?? {}, trigger.secrets ?? {}],
  ] as const;
  for (const [kind, passed, declared] of sides) {
    for (const name of Object.keys(passed))
      if (!(name in declared)) throw new Error(`${job}: ${kind} ${name} is not declared by ${given.uses}.`);
    for (const [name, definition] of Object.entries(declared))
      if (definition?.required && !(name in passed))
        throw new Error(`${job}: ${kind} ${name} is required by ${given.uses}.`);
  }
}
