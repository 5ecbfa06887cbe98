import { fill, fillTexts } from './expressions.ts';
import type { LoadedJob } from './load.ts';
import { runSteps } from './run-steps.ts';
import type { JobRun, Scope } from './scope.ts';

/** One job on a machine of its own: its environment, its turn in the concurrency group, its token, its steps. */

interface JobScope extends Scope {
  needs: unknown;
  matrix: Record<string, unknown>;
}

const sha = 'c0ffee0c0ffee0c0ffee0c0ffee0c0ffee0c0ffe';

export async function runJob(name: string, job: LoadedJob, scope: JobScope): Promise<JobRun> {
  const { host, inputs, needs, matrix } = scope;
  const token = host.token(job.permissions);
  const github = githubContext(job, scope, token);
  const early = { github, inputs, needs, matrix, vars: host.vars };
  const environment = environmentOf(job, early);
  const settings = environment === null ? {} : (host.environments[environment] ?? {});
  const concurrency = (fill(job.concurrency ?? null, early) as JobRun['concurrency']) ?? null;
  const services = Object.fromEntries(
    Object.entries(job.services ?? {}).map(([id, service]) => [id, String(fill(service.image, early))]),
  );
  const about = { name, permissions: job.permissions, environment, concurrency, services };
  if (settings.needsReview && !approved(environment!, scope))
    return { ...about, result: 'failure', outputs: {}, steps: [] };
  const secrets = { ...scope.secrets, ...settings.secrets, GITHUB_TOKEN: token };
  const contexts = {
    ...early,
    secrets,
    vars: { ...host.vars, ...settings.vars },
    job: { workflow_repository: host.workflowRepository, workflow_sha: sha },
    runner: { os: 'Linux' },
  };
  const workflowEnv = fillTexts(scope.workflow.env, contexts);
  const jobSetting = {
    host,
    runId: scope.runId,
    event: { name: scope.options.event, payload: scope.payload },
    permissions: job.permissions,
    env: { ...workflowEnv, ...fillTexts(job.env, { ...contexts, env: workflowEnv }) },
    serviceUrls: await serviceUrls(services, scope),
    contexts,
  };
  const steps = await inTurn(concurrency?.group ?? null, scope, () => runSteps(job.steps, jobSetting));
  const hasFailed = job.steps.some(
    (step, index) => steps[index]!.outcome === 'failure' && !step['continue-on-error'],
  );
  const ids = job.steps.flatMap(({ id }, index) => (id ? [[id, steps[index]!] as const] : []));
  const outputs = fillTexts(job.outputs, { ...contexts, steps: Object.fromEntries(ids) });
  const shown = withoutSecrets(outputs, [
    ...Object.values(secrets),
    ...steps.flatMap(({ action }) => action?.masks ?? []),
  ]);
  return { ...about, result: hasFailed ? 'failure' : 'success', outputs: shown, steps };
}

function githubContext(job: LoadedJob, { host, runId, options, payload, workflow }: JobScope, token: string) {
  const { owner, name } = host.github.repository;
  return {
    event_name: options.event,
    event: payload,
    repository: `${owner}/${name}`,
    repository_owner: owner,
    actor: 'ada',
    ref: 'refs/heads/main',
    ref_name: 'main',
    run_id: String(runId),
    run_attempt: '1',
    workflow: workflow.name,
    job: job.id,
    api_url: host.github.url,
    server_url: 'https://github.com',
    token,
  };
}

function environmentOf({ environment }: LoadedJob, contexts: Record<string, unknown>): string | null {
  const name = typeof environment === 'object' ? environment.name : environment;
  return name === undefined ? null : String(fill(name, contexts));
}

function approved(environment: string, { options }: JobScope): boolean {
  if (!options.approve) throw new Error(`A job waits for a review of ${environment}, and nobody was asked.`);
  return options.approve(environment);
}

/** There are no containers here: the address that the workflow gives leads to an embedded server of the same major. */
async function serviceUrls(services: Record<string, string>, { host }: JobScope) {
  const urls = Object.values(services).map(async (image) => {
    if (!host.serviceUrl) throw new Error(`Nothing stands for ${image}.`);
    return ['postgres://postgres@localhost:5432/postgres', await host.serviceUrl(image)] as const;
  });
  return Promise.all(urls);
}

/** One job of a group at a time, in the order they come, as with `queue: max`. */
async function inTurn<T>(group: string | null, { host }: JobScope, work: () => Promise<T>): Promise<T> {
  if (group === null) return work();
  const turn = (host.groups.get(group) ?? Promise.resolve()).then(work);
  host.groups.set(
    group,
    turn.then(
      () => {},
      () => {},
    ),
  );
  return turn;
}

/** GitHub doesn't hand an output on when it may hold a secret. */
function withoutSecrets(outputs: Record<string, string>, secrets: readonly string[]) {
  const known = secrets.filter((secret) => secret !== '');
  return Object.fromEntries(
    Object.entries(outputs).filter(([, value]) => !known.some((secret) => value.includes(secret))),
  );
}
