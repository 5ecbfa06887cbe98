import { ConfigError } from '../lib/errors.ts';

/** What the runner of GitHub Actions says about the run that this is. */
export interface GithubContext {
  owner: string;
  repo: string;
  runId: number;
  /** Counts the times that the run was started again, from 1. */
  runAttempt: number;
  /** Such as `https://github.com`. */
  serverUrl: string;
  /** Such as `https://api.github.com`. */
  apiUrl: string;
  /** Who started it; for a schedule, who last changed it. */
  actor: string;
  /** Such as `schedule` or `workflow_dispatch`. */
  eventName: string;
  sha: string;
  /** Such as `refs/heads/main`. */
  ref: string;
  /** Its name. */
  workflow: string;
}

type Env = Readonly<Record<string, string | undefined>>;

const defaultApiUrl = 'https://api.github.com';

/**
 * The run of GitHub Actions that this is; null outside of one.
 *
 * @throws ConfigError when the runner's variables are not what they should be
 */
export function githubContext(env: Env): GithubContext | null {
  if (env['GITHUB_ACTIONS'] !== 'true') return null;
  const { owner, repo } = repositoryOf(required(env, 'GITHUB_REPOSITORY'));
  return {
    owner,
    repo,
    runId: wholeNumber(env, 'GITHUB_RUN_ID'),
    runAttempt: env['GITHUB_RUN_ATTEMPT'] === undefined ? 1 : wholeNumber(env, 'GITHUB_RUN_ATTEMPT'),
    serverUrl: (env['GITHUB_SERVER_URL'] ?? 'https://github.com').replace(/\/+$/, ''),
    apiUrl: apiUrlOf(env),
    actor: env['GITHUB_ACTOR'] ?? '',
    eventName: env['GITHUB_EVENT_NAME'] ?? '',
    sha: env['GITHUB_SHA'] ?? '',
    ref: env['GITHUB_REF'] ?? '',
    workflow: env['GITHUB_WORKFLOW'] ?? '',
  };
}

/** The page of the run that this is; null where the variables of a run are not set. */
export function runUrlOf(env: Env): string | null {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run } = env;
  if (!server || !repository || !run) return null;
  return `${server.replace(/\/+$/, '')}/${repository}/actions/runs/${run}`;
}

/** Where the REST API is; that of github.com unless the environment names another. */
export function apiUrlOf(env: Env): string {
  return (env['GITHUB_API_URL'] || defaultApiUrl).replace(/\/+$/, '');
}

/** The token of the job or of the person; null when there is none. `GH_TOKEN` comes first, as with `gh`. */
export function tokenOf(env: Env): string | null {
  return env['GH_TOKEN'] || env['GITHUB_TOKEN'] || null;
}

/** @throws ConfigError when it is not `owner/name` */
export function repositoryOf(text: string): { owner: string; repo: string } {
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(text) ?? [];
  if (owner && repo) return { owner, repo };
  throw new ConfigError(`${JSON.stringify(text)} is no repository.`, {
    hint: 'It is written owner/name.',
    publicReason: 'the repository is not named rightly',
  });
}

function required(env: Env, name: string): string {
  const value = env[name];
  if (value) return value;
  throw new ConfigError(`GITHUB_ACTIONS is set and ${name} is not.`, {
    hint: 'Outside of GitHub Actions unset GITHUB_ACTIONS; inside, the runner sets both.',
    publicReason: "the runner's environment is incomplete",
  });
}

function wholeNumber(env: Env, name: string): number {
  const text = required(env, name);
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigError(`${name} is no number.`, { publicReason: "the runner's environment is incomplete" });
}
