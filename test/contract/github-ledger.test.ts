import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { githubClient } from '../../src/github/client.ts';
import { type GithubLedgerOptions, githubLedger } from '../../src/ledger/github-branch.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { ConfigError, IntegrityError, StoreError } from '../../src/lib/errors.ts';
import { type Fault, failing, secondaryRateLimit } from '../support/fault-server.ts';
import { addBlob, filesOf, pushFiles } from '../support/github/git-objects.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { failureOf, within } from '../support/pieces.ts';
import { backup, noon } from '../support/status-fixture.ts';
import { ledgerContract } from './ledger.contract.ts';

const branch = 'holdfast-ledger';
const november = '2026-11.ndjson';
const record = backup(noon);
const line = `${JSON.stringify(record)}\n`;

/** A ledger of this fake, which does not wait. */
function ledgerOf(github: FakeGithub, token?: string, timeoutMs = 5000): Ledger {
  const octokit = githubClient({
    token: token ?? github.token({ contents: 'write' }),
    apiUrl: github.url,
    timeoutMs,
    sleep: async () => {},
  });
  const options: GithubLedgerOptions = {
    octokit,
    owner: github.repository.owner,
    repo: github.repository.name,
    branch,
    sleep: async () => {},
  };
  return githubLedger(options);
}

ledgerContract('github', async () => {
  const github = await startGithubApi();
  return {
    another: () => ledgerOf(github),
    files: async () => filesOf(github.repository, branch)!,
    write: async (name, text) => void pushFiles(github.repository, branch, { [name]: text }),
    refuse: async () => {
      github.fault = () => ({ kind: 'status', status: 503 });
    },
    close: () => github.close(),
  };
});

describe('a ledger on a branch', () => {
  let github: FakeGithub;
  let ledger: Ledger;
  beforeEach(async () => {
    github = await startGithubApi();
    ledger = ledgerOf(github);
  });
  afterEach(() => github.close());
  const commits = () => [...github.repository.git.commits.values()];
  const files = () => filesOf(github.repository, branch);

  test('is made when it is missing, without history, with a text that says what it is', async () => {
    await ledger.append(record);
    expect(files()).toEqual({ 'README.md': expect.stringContaining('ledger rebuild'), [november]: line });
    const head = github.repository.git.refs.get(`refs/heads/${branch}`)!;
    expect(github.repository.git.commits.get(head)).toMatchObject({ parents: [] });
    await ledger.append(backup(noon + 1));
    expect(commits().at(-1)).toMatchObject({ parents: [head], message: 'backup of crm succeeded [skip ci]' });
  });

  test('leaves other files of the branch alone, and other branches', async () => {
    pushFiles(github.repository, branch, { 'notes.txt': 'mine' });
    pushFiles(github.repository, `${branch}-old`, { [november]: 'of another' });
    await ledger.append(record);
    expect(files()).toEqual({ 'notes.txt': 'mine', [november]: line });
    expect(filesOf(github.repository, `${branch}-old`)).toEqual({ [november]: 'of another' });
    expect(filesOf(github.repository, 'main')).toEqual({ 'README.md': '# backups\n' });
  });

  test('never forces the branch', async () => {
    await Promise.all(Array.from({ length: 5 }, (_, index) => ledgerOf(github).append(backup(noon + index))));
    expect(github.requests.filter((request) => request.startsWith('DELETE'))).toEqual([]);
    const seen = new Set<string>();
    for (let sha = github.repository.git.refs.get(`refs/heads/${branch}`); sha; ) {
      seen.add(sha);
      sha = github.repository.git.commits.get(sha)!.parents[0];
    }
    expect(seen.size).toBe(5);
  });

  const passing: [string, string, Fault][] = [
    ['a reference that another push holds', 'PATCH /git/refs', { kind: 'status', status: 409 }],
    ['a server that fails', 'PATCH /git/refs', { kind: 'status', status: 502 }],
    ['a server that fails before it is read', 'GET /git/', { kind: 'status', status: 500 }],
    ['a secondary limit', 'POST /git/', secondaryRateLimit(7)],
    ['429', 'GET /git/', { kind: 'status', status: 429, headers: { 'retry-after': '3' } }],
    ['a broken connection', 'POST /git/trees', { kind: 'reset' }],
    ['an answer that is cut off', 'GET /git/blobs', { kind: 'cut' }],
    ['an answer to reading that is lost', 'GET /git/matching-refs', { kind: 'drop-after' }],
    ['a slow answer', 'GET /git/', { kind: 'slow', delayMs: 30 }],
  ];
  test.each(passing)('%s passes, and the record is there once', async (_, what, fault) => {
    await ledger.append(backup(noon - 1));
    github.fault = failing(3, what, fault);
    await ledgerOf(github).append(record);
    expect(await ledgerOf(github).read()).toEqual([backup(noon - 1), record]);
  });

  test.each([
    ['of an existing branch', 'PATCH /git/refs', 1],
    ['of an existing branch, many times', 'PATCH /git/refs', 4],
    ['of an existing branch, until the client gives up', 'PATCH /git/refs', 6],
    ['of the first commit', 'POST /git/refs', 1],
  ])('an answer lost after the commit %s does not write the record twice', async (_, what, times) => {
    if (what.startsWith('PATCH')) await ledger.append(backup(noon - 1));
    github.fault = failing(times, what, { kind: 'drop-after' });
    await ledgerOf(github).append(record);
    github.fault = null;
    expect((await ledger.read())!.filter(({ id }) => id === record.id)).toHaveLength(1);
  });

  test('twenty writers lose nothing and repeat nothing while everything fails now and then', async () => {
    let asked = 0;
    const faults: Fault[] = [
      { kind: 'drop-after' },
      { kind: 'status', status: 409 },
      { kind: 'reset' },
      { kind: 'status', status: 502 },
      { kind: 'cut' },
    ];
    github.fault = () => (asked++ % 13 === 0 ? faults[asked % faults.length]! : null);
    const records = Array.from({ length: 20 }, (_, index) => backup(noon + index));
    await Promise.all(records.map((each) => ledgerOf(github).append(each)));
    github.fault = null;
    expect(await ledger.read()).toEqual(records);
  });

  test('a month of more than a megabyte is read and appended to', async () => {
    const many = Array.from({ length: 1500 }, (_, index) => backup(noon + index));
    const text = many.map((each) => `${JSON.stringify(each)}\n`).join('');
    expect(text.length).toBeGreaterThan(1 << 20);
    pushFiles(github.repository, branch, { [november]: text });
    await ledger.append(backup(noon + 5000));
    expect(await ledger.read()).toEqual([...many, backup(noon + 5000)]);
  });

  test('what is read is one commit, also while others write', async () => {
    await ledger.append(backup(noon - 31 * 24 * 3_600_000));
    await ledger.append(record);
    let isMoved = false;
    github.fault = ({ path }) => {
      if (path.includes('/git/blobs') && !isMoved) {
        isMoved = true;
        pushFiles(github.repository, branch, { [november]: '' });
      }
      return null;
    };
    expect(await ledgerOf(github).read()).toHaveLength(2);
    expect(await ledgerOf(github).read()).toHaveLength(1);
  });

  test('a list of files that is not whole is an error, never a shorter ledger', async () => {
    await ledger.append(record);
    github.repository.git.treesAreTruncated = true;
    for (const work of [() => ledger.read(), () => ledger.append(backup(noon + 1))])
      expect(await failureOf(work())).toBeInstanceOf(IntegrityError);
  });

  test('a file that is not what its name says is an error', async () => {
    await ledger.append(record);
    const { git } = github.repository;
    git.blobs.set(addBlob(github.repository, Buffer.from(line)), Buffer.from(''));
    expect(await failureOf(ledgerOf(github).read())).toBeInstanceOf(IntegrityError);
  });

  test('an answer that is always cut off is an error, never an empty ledger', async () => {
    await ledger.append(record);
    github.fault = failing(100, 'GET /git/', { kind: 'cut' });
    const error = await failureOf(ledgerOf(github).read());
    expect(error).toBeInstanceOf(StoreError);
    expect((error as StoreError).publicReason).toBe(
      'the ledger could not be read: GitHub could not be reached',
    );
  });

  test('a black hole ends', async () => {
    github.fault = () => ({ kind: 'hang' });
    const error = await within(5000, failureOf(ledgerOf(github, undefined, 100).read()));
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toContain('no answer in 0.1 s');
  });

  test('a repository without a commit has no ledger, and one can’t be begun there: it says why', async () => {
    const bare = await startGithubApi({ isEmpty: true });
    try {
      expect(await ledgerOf(bare).read()).toBeNull();
      const error = await failureOf(ledgerOf(bare).append(record));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toContain('has no commit yet');
    } finally {
      await bare.close();
    }
  });

  test('a token without the right is told which one, and is not in the words', async () => {
    await ledger.append(record);
    const reader = github.token({ contents: 'read' });
    expect(await ledgerOf(github, reader).read()).toHaveLength(1);
    const error = (await failureOf(ledgerOf(github, reader).append(backup(noon + 1)))) as ConfigError;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('"contents: write"');
    expect(error.publicReason).toBe('the ledger could not be written: the token lacks a permission');
    const nothing = (await failureOf(ledgerOf(github, github.token({})).read())) as ConfigError;
    expect(nothing.message).toContain('"contents: read"');
    const wrong = (await failureOf(ledgerOf(github, 'ghs_wrong').read())) as ConfigError;
    expect(wrong).toBeInstanceOf(ConfigError);
    expect(wrong.message).toContain('does not accept the token');
    for (const each of [error, nothing, wrong])
      expect(JSON.stringify([each.message, each.hint, each.publicReason])).not.toContain('ghs_');
  });

  test('a branch that a rule protects is a mistake to mend, and is not tried for ever', async () => {
    await ledger.append(record);
    github.repository.git.protected.add(`refs/heads/${branch}`);
    const before = github.requests.length;
    const error = await failureOf(ledger.append(backup(noon + 1)));
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toContain('a rule of the repository forbids it');
    expect(github.requests.length - before).toBeLessThan(12);
  });

  test('a limit that lasts is said with its end, and not waited for', async () => {
    github.repository.rateLimit.remaining = 0;
    const error = await failureOf(ledger.read());
    expect(error).toBeInstanceOf(StoreError);
    expect(error.message).toMatch(/limit of requests is used up; it ends at 2\d{3}-/);
  });

  test('a repository that is not there is no missing ledger', async () => {
    const octokit = githubClient({ token: github.token({ contents: 'write' }), apiUrl: github.url });
    const elsewhere = githubLedger({ octokit, owner: 'acme', repo: 'other', branch });
    expect(await failureOf(elsewhere.read())).toBeInstanceOf(ConfigError);
  });
});
