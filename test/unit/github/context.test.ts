import { describe, expect, test } from 'vitest';
import { apiUrlOf, githubContext, repositoryOf, runUrlOf, tokenOf } from '../../../src/github/context.ts';
import { ConfigError } from '../../../src/lib/errors.ts';

const env = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY: 'acme/back.ups',
  GITHUB_RUN_ID: '4711',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_SERVER_URL: 'https://acme.ghe.com/',
  GITHUB_API_URL: 'https://api.acme.ghe.com',
  GITHUB_ACTOR: 'ada',
  GITHUB_EVENT_NAME: 'schedule',
  GITHUB_SHA: 'abc',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_WORKFLOW: 'backup',
};

describe('the run of GitHub Actions', () => {
  test('is what the runner says', () => {
    expect(githubContext(env)).toEqual({
      owner: 'acme',
      repo: 'back.ups',
      runId: 4711,
      runAttempt: 2,
      serverUrl: 'https://acme.ghe.com',
      apiUrl: 'https://api.acme.ghe.com',
      actor: 'ada',
      eventName: 'schedule',
      sha: 'abc',
      ref: 'refs/heads/main',
      workflow: 'backup',
    });
    expect(runUrlOf(env)).toBe('https://acme.ghe.com/acme/back.ups/actions/runs/4711');
  });

  test('is none elsewhere', () => {
    expect(githubContext({})).toBeNull();
    expect(runUrlOf({ ...env, GITHUB_RUN_ID: undefined })).toBeNull();
    expect(githubContext({ ...env, GITHUB_ACTIONS: undefined })).toBeNull();
  });

  test.each([
    { GITHUB_REPOSITORY: undefined },
    { GITHUB_REPOSITORY: 'acme' },
    { GITHUB_REPOSITORY: 'acme/../x' },
    { GITHUB_RUN_ID: undefined },
    { GITHUB_RUN_ID: '1e3' },
    { GITHUB_RUN_ATTEMPT: 'x' },
  ])('that is told wrongly is an error: %j', (change) => {
    expect(() => githubContext({ ...env, ...change })).toThrow(ConfigError);
  });
});

test('tokens and addresses have their order', () => {
  expect(tokenOf({ GH_TOKEN: 'a', GITHUB_TOKEN: 'b' })).toBe('a');
  expect(tokenOf({ GH_TOKEN: '', GITHUB_TOKEN: 'b' })).toBe('b');
  expect(tokenOf({ GH_TOKEN: '' })).toBeNull();
  expect(apiUrlOf({})).toBe('https://api.github.com');
  expect(apiUrlOf({ GITHUB_API_URL: '' })).toBe('https://api.github.com');
  expect(repositoryOf('acme/backups')).toEqual({ owner: 'acme', repo: 'backups' });
});
