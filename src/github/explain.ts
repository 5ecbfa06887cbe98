import { ConfigError, HoldfastError, StoreError } from '../lib/errors.ts';
import { capital } from '../lib/format.ts';
import { rateLimitOf } from './steady-fetch.ts';

/** An error of octokit, as far as it matters here. */
interface RequestFailure extends Error {
  status: number;
  response?: { headers?: Record<string, string | number | undefined>; data?: unknown };
}

/** The HTTP status of an error of octokit; null for any other error. */
export function statusOf(error: unknown): number | null {
  const { name, status } = error as Partial<RequestFailure>;
  return name === 'HttpError' && typeof status === 'number' ? status : null;
}

/** Whether nobody knows if the request took effect: there was no answer, or the server failed. */
export function isUncertain(error: unknown): boolean {
  return (statusOf(error) ?? 0) >= 500;
}

/** GitHub answers so to all that is about git, until a repository has its first commit. */
export function isEmptyRepository(error: unknown): boolean {
  return statusOf(error) === 409 && /repository is empty/i.test((error as Error).message);
}

export interface Doing {
  /** A whole clause in the passive, such as `the ledger could not be read`; it is published. */
  what: string;
  /** The permission it takes, as a workflow grants it, such as `contents: write`. */
  permission: string;
}

/**
 * What an answer of GitHub means, in plain words and without tokens. Errors that are not octokit's come back as they are.
 *
 * @returns ConfigError for what the caller can mend (token, permission, no such repository), StoreError for the rest
 */
export function explainGithub(error: unknown, { what, permission }: Doing): unknown {
  const status = statusOf(error);
  if (error instanceof HoldfastError || status === null) return error;
  const { message, response } = error as RequestFailure;
  const sentence = capital(what);
  const headers = new Headers();
  for (const [name, value] of Object.entries(response?.headers ?? {})) headers.set(name, String(value));
  const make = (Kind: typeof ConfigError | typeof StoreError, why: string, hint: string, publicWhy = why) =>
    new Kind(`${sentence}: ${why}.`, { hint, publicReason: `${what}: ${publicWhy}`, cause: error });

  if (response === undefined) {
    const words = 'GitHub could not be reached';
    return make(StoreError, `${words} (${shortened(message)})`, tryAgain, words);
  }
  if (rateLimitOf(headers, status, message, 0)) {
    const resetAt = Number(headers.get('x-ratelimit-reset')) * 1000;
    const isExhausted = headers.get('x-ratelimit-remaining') === '0' && resetAt > 0;
    const until = isExhausted ? `; it ends at ${new Date(resetAt).toISOString()}` : '';
    return make(
      StoreError,
      `GitHub's limit of requests is used up${until}`,
      'Run it again later. Nothing half-written was left.',
      "GitHub's limit of requests is used up",
    );
  }
  if (status === 401) {
    return make(
      ConfigError,
      'GitHub does not accept the token',
      'Set GITHUB_TOKEN in the job (env: GITHUB_TOKEN: ${{ github.token }}), or GH_TOKEN elsewhere; it may have expired.',
    );
  }
  if (status === 403 && /protected|rule violation/i.test(message)) return ruleViolation(make);
  if (status === 403) {
    const needed = grantsOf(headers.get('x-accepted-github-permissions')) ?? permission;
    return make(
      ConfigError,
      `the token lacks the permission "${needed}"`,
      `Grant it to the job: permissions: { ${needed} }. A personal token needs it for this repository.`,
      'the token lacks a permission',
    );
  }
  if (status === 404) {
    return make(
      ConfigError,
      'there is no such repository, or the token may not see it',
      `Check the name of the repository, and that the token has "${permission}" there.`,
      'no such repository, or no access to it',
    );
  }
  if (isEmptyRepository(error)) {
    return make(ConfigError, 'the repository has no commit yet', 'Push a first commit, then run it again.');
  }
  if (status >= 500) return make(StoreError, `GitHub answered ${status}`, tryAgain, 'GitHub failed');
  if (/rule violation|protected branch/i.test(message)) return ruleViolation(make);
  const words = 'GitHub refused it';
  return make(StoreError, `${words} (${status}: ${shortened(message)})`, tryAgain, words);
}

const tryAgain =
  'Nothing half-written was left; running it again is safe. https://www.githubstatus.com tells of outages.';

function ruleViolation(make: (Kind: typeof ConfigError, why: string, hint: string) => HoldfastError) {
  return make(
    ConfigError,
    'a rule of the repository forbids it',
    'Exempt the branch of the ledger from rulesets and branch protection, or name another branch.',
  );
}

/** `contents=write,actions=read` as `contents: write, actions: read`. Of alternatives, after a semicolon, the first. */
function grantsOf(header: string | null): string | null {
  const first = header?.split(';')[0]?.trim();
  if (!first) return null;
  return first
    .split(',')
    .map((grant) => grant.trim().replaceAll('_', '-').replace('=', ': '))
    .join(', ');
}

/** One line, without the address of the documentation that octokit adds. */
function shortened(message: string): string {
  return message
    .split('\n')[0]!
    .replace(/ - https?:\S+$/, '')
    .slice(0, 200);
}
