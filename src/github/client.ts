import { Octokit } from 'octokit';
import { type SteadyOptions, steadyDefaults, steadyFetch } from './steady-fetch.ts';

export interface ClientOptions extends Partial<SteadyOptions> {
  token: string;
  /** Such as `https://api.github.com`. */
  apiUrl: string;
  /** The program and its version, for the request headers. */
  userAgent?: string;
}

/** What the rooms that speak to GitHub are given. */
export type Github = Octokit;

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/**
 * The one way to GitHub's REST API. It writes nothing to the console; its errors are octokit's, with a `status`
 * (500 when there was no answer), and `explainGithub` turns them into ours.
 */
export function githubClient(options: ClientOptions): Github {
  const { token, apiUrl, userAgent = 'holdfast', ...steady } = options;
  return new Octokit({
    auth: token,
    baseUrl: apiUrl.replace(/\/+$/, ''),
    userAgent,
    log: quiet,
    retry: { enabled: false },
    throttle: { enabled: false },
    request: { fetch: onlyAt(apiUrl, steadyFetch({ ...steadyDefaults, ...steady })), log: quiet },
  });
}

/** octokit follows the addresses of next pages wherever they lead, and takes the token along. */
function onlyAt(apiUrl: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const { origin } = new URL(apiUrl);
  return async (input, init) => {
    if (new URL(String(input)).origin === origin) return fetch(input, init);
    throw new TypeError('another host', { cause: new Error('its answer leads to another host') });
  };
}

/** The repository that a client is asked about. */
export interface Repository {
  owner: string;
  repo: string;
}
