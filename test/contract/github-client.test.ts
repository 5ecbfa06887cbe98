import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ClientOptions, githubClient } from '../../src/github/client.ts';
import { explainGithub, statusOf } from '../../src/github/explain.ts';
import { ConfigError, type HoldfastError, StoreError } from '../../src/lib/errors.ts';
import { type Fault, failing, secondaryRateLimit } from '../support/fault-server.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { failureOf, within } from '../support/pieces.ts';

let github: FakeGithub;
let pauses: number[];
beforeEach(async () => {
  github = await startGithubApi();
  pauses = [];
});
afterEach(() => github.close());

const client = (changes: Partial<ClientOptions> = {}) =>
  githubClient({
    token: github.token({ issues: 'write' }),
    apiUrl: `${github.url}/`,
    sleep: async (ms) => void pauses.push(ms),
    timeoutMs: 2000,
    ...changes,
  });
const repository = { owner: 'acme', repo: 'backups' };
const get = (changes?: Partial<ClientOptions>) => client(changes).rest.repos.get(repository);
const open = () => client().rest.issues.create({ ...repository, title: 'A title' });

describe('a request', () => {
  test('says who asks, and prints nothing', async () => {
    const seen: (string | null)[] = [];
    const printed: unknown[] = [];
    const { warn, error } = console;
    Object.assign(console, {
      warn: (...said: unknown[]) => printed.push(said),
      error: (...said: unknown[]) => printed.push(said),
    });
    try {
      const watch: typeof fetch = (input, init) => {
        seen.push(new Headers(init?.headers).get('user-agent'));
        return fetch(input, init);
      };
      expect((await get({ userAgent: 'holdfast/0.1.0', fetch: watch })).data.visibility).toBe('private');
      github.fault = () => ({
        kind: 'status',
        status: 404,
        headers: { deprecation: 'true', sunset: 'soon' },
      });
      await failureOf(get());
    } finally {
      Object.assign(console, { warn, error });
    }
    expect(seen).toEqual([expect.stringMatching(/^holdfast\/0\.1\.0 /)]);
    expect(printed).toEqual([]);
  });

  test.each<[string, Fault, number[]]>([
    ['a server that fails, with growing pauses', { kind: 'status', status: 502 }, [1000, 2000, 4000]],
    ['a secondary limit, as long as it asks', secondaryRateLimit(17), [17_000, 17_000, 17_000]],
    ['429 without a time', { kind: 'status', status: 429 }, [10_000, 20_000, 40_000]],
    ['a broken connection', { kind: 'reset' }, [1000, 2000, 4000]],
    ['an answer cut off', { kind: 'cut' }, [1000, 2000, 4000]],
    ['no answer', { kind: 'drop-after' }, [1000, 2000, 4000]],
  ])('outlives %s', async (_, fault, expected) => {
    github.fault = failing(3, 'GET /repos', fault);
    expect((await get()).data.name).toBe('backups');
    expect(pauses).toEqual(expected);
  });

  test('ends, whatever the server does', async () => {
    github.fault = () => ({ kind: 'hang' });
    const error = await within(3000, failureOf(get({ timeoutMs: 50 })));
    expect(statusOf(error)).toBe(500);
    expect(error.message).toContain('no answer in 0.05 s');
    github.fault = () => ({ kind: 'status', status: 503 });
    await failureOf(get());
    expect(pauses).toHaveLength(8);
  });

  test('is not repeated when it makes something and nobody knows whether it did', async () => {
    for (const kind of ['drop-after', 'cut'] as const) {
      github.fault = failing(1, 'POST /issues', { kind });
      await failureOf(open());
    }
    github.fault = failing(1, 'POST /issues', { kind: 'status', status: 502 });
    await failureOf(open());
    expect(github.repository.issues).toHaveLength(2);
    github.fault = failing(1, 'POST /issues', secondaryRateLimit());
    await open();
    expect(github.repository.issues).toHaveLength(3);
  });

  test('does not wait for a limit that lasts longer than anyone wants to', async () => {
    github.repository.rateLimit.remaining = 0;
    const error = await failureOf(get());
    expect(pauses).toEqual([]);
    expect(explainGithub(error, doing)).toBeInstanceOf(StoreError);
  });

  test('can be paged', async () => {
    for (let count = 0; count < 45; count += 1)
      github.repository.labels.push({ name: `l${count}`, color: '', description: '' });
    const { paginate, rest } = client();
    expect(await paginate(rest.issues.listLabelsForRepo, repository)).toHaveLength(45);
  });
});

const doing = { what: 'the thing could not be done', permission: 'issues: write' };

describe('a refusal in plain words', () => {
  async function explained(work: Promise<unknown>): Promise<HoldfastError> {
    const error = explainGithub(await failureOf(work), doing) as HoldfastError;
    expect(`${error.message} ${error.hint} ${error.publicReason}`).not.toMatch(/ghs_|127\.0\.0\.1|undefined/);
    expect(error.hint).toBeTruthy();
    return error;
  }

  test.each<[string, Fault, typeof ConfigError | typeof StoreError, string]>([
    [
      '401',
      { kind: 'status', status: 401, message: 'Bad credentials' },
      ConfigError,
      'does not accept the token',
    ],
    ['404', { kind: 'status', status: 404 }, ConfigError, 'no such repository'],
    ['500', { kind: 'status', status: 500 }, StoreError, 'GitHub answered 500'],
    [
      '422',
      { kind: 'status', status: 422, message: 'Validation Failed' },
      StoreError,
      '422: Validation Failed',
    ],
    ['429', { kind: 'status', status: 429 }, StoreError, 'limit of requests is used up'],
    [
      '409',
      { kind: 'status', status: 409, message: 'Git Repository is empty.' },
      ConfigError,
      'no commit yet',
    ],
    [
      'a rule',
      { kind: 'status', status: 422, message: 'Repository rule violations found' },
      ConfigError,
      'a rule',
    ],
    ['no connection', { kind: 'reset' }, StoreError, 'could not be reached'],
  ])('%s', async (_, fault, kind, words) => {
    github.fault = () => fault;
    const error = await explained(get());
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(/^The thing could not be done: /);
    expect(error.message).toContain(words);
    expect(error.publicReason).toMatch(/^the thing could not be done: /);
  });

  test('a missing permission is named as a workflow grants it', async () => {
    const error = await explained(
      client({ token: github.token({ contents: 'write' }) }).rest.issues.create({
        ...repository,
        title: 'x',
      }),
    );
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.hint).toContain('permissions: { issues: write }');
    github.fault = () => ({
      kind: 'status',
      status: 403,
      message: 'Resource not accessible by integration',
      headers: { 'x-accepted-github-permissions': 'contents=write,pull_requests=read; issues=write' },
    });
    expect((await explained(get())).message).toContain('"contents: write, pull-requests: read"');
  });

  test('what is no answer of GitHub stays as it is', () => {
    const bug = new TypeError('x is not a function');
    expect(explainGithub(bug, doing)).toBe(bug);
  });
});
