import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DatabaseHealth } from '../../src/notify/incident-text.ts';
import { type IssueNews, tellByIssue } from '../../src/notify/issue.ts';
import { explainIssues, type IssuePlace, listLabelled } from '../../src/notify/labelled-issues.ts';
import { overdue, placeOf, tooOld, verdict } from '../support/alerts.ts';
import { failing, secondaryRateLimit } from '../support/fault-server.ts';
import type { FakeIssue } from '../support/github/repository.ts';
import { type FakeGithub, startGithubApi } from '../support/github-api.ts';
import { failureOf } from '../support/pieces.ts';
import { hourMs, noon } from '../support/status-fixture.ts';

let github: FakeGithub;
let place: IssuePlace;
let now: number;
beforeEach(async () => {
  now = noon;
  github = await startGithubApi({ now: () => now });
  place = placeOf(github);
});
afterEach(() => github.close());

const issues = () => github.repository.issues;
const comments = () => github.repository.comments.map(({ body }) => body);
const links = {
  runUrl: 'https://github.com/acme/backups/actions/runs/7',
  siteUrl: 'https://acme.example/crm/',
};

async function tell(state: DatabaseHealth, sleep: () => Promise<unknown> = async () => {}) {
  const options = { facts: null, links, now: () => now, randomBytes, sleep };
  return tellByIssue(place, await listLabelled(place), state, options);
}
const planted = (changes: Partial<FakeIssue>): FakeIssue => {
  const issue: FakeIssue = {
    ...{ number: issues().length + 1, title: 'a title', body: '', state: 'open', stateReason: null },
    ...{ labels: ['holdfast'], user: 'ada', createdAt: now, updatedAt: now },
    ...changes,
  };
  issues().push(issue);
  return issue;
};

describe('the issue of an incident', () => {
  test('is opened once, with a label that is made, links and a hidden marker', async () => {
    const news = await tell(verdict([tooOld]));
    expect(news).toEqual({ event: 'opened', url: 'https://github.com/acme/backups/issues/1' });
    expect(await tell(verdict([tooOld]))).toBeNull();
    expect(issues()).toHaveLength(1);
    const [issue] = issues();
    expect(issue).toMatchObject({ title: 'Backups of crm: Critical', labels: ['holdfast'] });
    expect(issue!.body).toMatch(/^<!-- holdfast incident \{"database":"crm",/);
    expect(issue!.body).toContain(
      '- Critical: No good backup for more than 24 hours. (since 2026-11-22 02:00 UTC)',
    );
    expect(issue!.body).toContain('[Run](https://github.com/acme/backups/actions/runs/7)');
    expect(issue!.body).toContain('[Runbook](https://acme.example/crm/runbook/)');
    expect(github.repository.labels).toEqual([
      { name: 'holdfast', color: '2f6f4f', description: expect.stringContaining('Holdfast') },
    ]);
  });

  test('of Good there is none', async () => {
    expect(await tell(verdict([]))).toBeNull();
    expect(github.requests.filter((line) => !line.startsWith('GET'))).toEqual([]);
  });

  test('is updated when the state or the set of reasons changes, and not otherwise', async () => {
    await tell(verdict([overdue]));
    expect(await tell(verdict([tooOld, overdue]))).toMatchObject({ event: 'updated' });
    expect(issues()[0]).toMatchObject({ title: 'Backups of crm: Critical' });
    expect(comments()).toEqual([expect.stringContaining('Now **Critical**.')]);
    expect(await tell(verdict([overdue, tooOld]))).toBeNull();
    expect(await tell(verdict([tooOld]))).toMatchObject({ event: 'updated' });
    expect(comments().at(-1)).toContain('Still Critical, for other reasons.');
    expect(issues()[0]!.body).not.toContain('proved readable for more');
  });

  test('is not updated for numbers that move', async () => {
    const unusual = (percent: number) =>
      verdict([
        { ...overdue, code: 'anomaly', text: `The newest backup is unusual: ${percent} % fewer rows.` },
      ]);
    await tell(unusual(41));
    expect(await tell(unusual(43))).toBeNull();
    expect(comments()).toEqual([]);
  });

  test('is closed with the reason when all is Good again; the next incident gets its own', async () => {
    await tell(verdict([tooOld]));
    expect(await tell(verdict([]))).toMatchObject({ event: 'closed' });
    expect(issues()[0]).toMatchObject({ state: 'closed', stateReason: 'completed' });
    expect(comments()).toEqual([expect.stringContaining('Good again: none of the reasons')]);
    expect(await tell(verdict([]))).toBeNull();
    expect(await tell(verdict([overdue]))).toMatchObject({ event: 'opened' });
    expect(issues()).toHaveLength(2);
  });

  test('that was renamed is found again and keeps its title', async () => {
    await tell(verdict([overdue]));
    issues()[0]!.title = 'Please look, Bob';
    await tell(verdict([tooOld]));
    expect(issues()).toHaveLength(1);
    expect(issues()[0]!.title).toBe('Please look, Bob');
  });

  test('is one per database', async () => {
    await tell(verdict([tooOld]));
    await tell(verdict([{ ...tooOld, database: 'shop' }], 'shop'));
    await tell(verdict([], 'shop'));
    expect(issues().map(({ state }) => state)).toEqual(['open', 'closed']);
  });

  test('calls nobody and is no markup, whatever a reason says', async () => {
    const text = 'The last backup attempt failed: @everyone <img src=x> [a](http://b) `c`.';
    await tell(verdict([{ ...overdue, code: 'attempt-failed', text }]));
    expect(issues()[0]!.body).not.toMatch(/@everyone|<img|\[a\]\(/);
  });
});

describe('a person who closes it', () => {
  const closeByHand = () => Object.assign(issues()[0]!, { state: 'closed', closedAt: now });

  test('is left in peace for a day; then it is opened again', async () => {
    await tell(verdict([overdue]));
    closeByHand();
    now += 23 * hourMs;
    expect(await tell(verdict([overdue]))).toBeNull();
    now += 2 * hourMs;
    expect(await tell(verdict([overdue]))).toMatchObject({ event: 'opened' });
    expect(issues()).toMatchObject([{ state: 'open' }]);
    expect(comments().at(-1)).toContain('This was closed, and the backups of crm are still not Good.');
  });

  test('hears at once when it gets worse', async () => {
    await tell(verdict([overdue]));
    closeByHand();
    expect(await tell(verdict([tooOld]))).toMatchObject({ event: 'opened' });
    expect(issues()).toMatchObject([{ state: 'open', title: 'Backups of crm: Critical' }]);
  });

  test('is told when it is over, and the next incident is a new one', async () => {
    await tell(verdict([overdue]));
    closeByHand();
    expect(await tell(verdict([]))).toMatchObject({ event: 'closed' });
    expect(await tell(verdict([overdue]))).toMatchObject({ event: 'opened' });
    expect(issues()).toHaveLength(2);
  });

  test('may open it again after its end, without a fight', async () => {
    await tell(verdict([overdue]));
    await tell(verdict([]));
    issues()[0]!.state = 'open';
    expect(await tell(verdict([]))).toBeNull();
    expect(issues()[0]!.state).toBe('open');
  });
});

describe('what is none of ours', () => {
  test('pull requests, quotes, copies and other databases are left alone', async () => {
    await tell(verdict([overdue]));
    const { body } = issues()[0]!;
    const others = [
      planted({ body: `> ${body}` }),
      planted({ body: `Look at this:\n${body}` }),
      planted({ body, title: 'a copy' }),
      planted({ body, isPullRequest: true }),
      planted({ body: '<!-- holdfast incident {"database":"crm"} -->' }),
    ].map((issue) => ({ ...issue }));
    await tell(verdict([tooOld]));
    await tell(verdict([]));
    expect(issues().slice(1)).toEqual(others);
    expect(issues()[0]!.state).toBe('closed');
  });

  test('a pull request with the marker is not taken for the issue', async () => {
    await tell(verdict([overdue]));
    issues()[0]!.isPullRequest = true;
    expect(await tell(verdict([overdue]))).toMatchObject({ event: 'opened' });
  });
});

describe('two runs at once', () => {
  test('leave one open issue, however they interleave', async () => {
    let waiting: (() => void)[] = [];
    // Both have opened theirs before either looks again.
    const bothOpened = () =>
      new Promise<void>((go) => {
        waiting.push(go);
        if (waiting.length === 2) {
          for (const next of waiting) next();
          waiting = [];
        }
      });
    const told = await Promise.all([
      tell(verdict([tooOld]), bothOpened),
      tell(verdict([tooOld]), bothOpened),
    ]);
    expect(told.filter((news) => news !== null)).toHaveLength(1);
    expect(issues().map(({ state, stateReason }) => [state, stateReason])).toEqual([
      ['open', null],
      ['closed', 'not_planned'],
    ]);
    expect(comments()).toEqual([expect.stringContaining('#1 was first')]);
    expect(await tell(verdict([tooOld]))).toBeNull();
    await tell(verdict([]));
    expect(issues().every(({ state }) => state === 'closed')).toBe(true);
  });

  test('of which one was killed, leave a duplicate that the next one closes', async () => {
    await tell(verdict([tooOld]));
    const { body, title } = issues()[0]!;
    const second = body.replace(/"id":"[0-9a-f]+"/, '"id":"0123456789abcdef"');
    planted({ body: second, title });
    expect(await tell(verdict([tooOld]))).toBeNull();
    expect(issues().map(({ state }) => state)).toEqual(['open', 'closed']);
  });
});

describe('GitHub in trouble', () => {
  const failed = async (state = verdict([tooOld])) => explainIssues(await failureOf(tell(state)));

  test('an answer that was lost opens no second issue', async () => {
    github.fault = failing(1, 'POST /issues', { kind: 'drop-after' });
    expect(await tell(verdict([tooOld]))).toMatchObject({ event: 'opened' } satisfies Partial<IssueNews>);
    expect(issues()).toHaveLength(1);
  });

  test('an error that opened nothing is one, and the next run opens it', async () => {
    github.fault = failing(1, /^POST .*\/issues$/, { kind: 'status', status: 502 });
    expect(await failed()).toMatchObject({
      name: 'StoreError',
      publicReason: 'the issue could not be written: GitHub failed',
    });
    expect(await tell(verdict([tooOld]))).toMatchObject({ event: 'opened' });
  });

  test('a limit on requests is waited for', async () => {
    github.fault = failing(2, 'POST /issues', secondaryRateLimit());
    expect(await tell(verdict([tooOld]))).toMatchObject({ event: 'opened' });
    expect(issues()).toHaveLength(1);
  });

  test('a comment that could not be written is written by the next run', async () => {
    await tell(verdict([overdue]));
    github.fault = failing(1, 'POST /comments', { kind: 'status', status: 500 });
    expect(await failed()).toMatchObject({ name: 'StoreError' });
    expect(issues()[0]!.title).toContain('Warning');
    await tell(verdict([tooOld]));
    expect(comments()).toHaveLength(1);
  });

  test('issues that are switched off and a token without the permission are said plainly', async () => {
    github.repository.hasIssues = false;
    expect(await failed()).toMatchObject({
      name: 'ConfigError',
      publicReason: 'the repository has its issues switched off',
      hint: expect.stringContaining('alerts: { issue: false }'),
    });
    place = placeOf(github, { issues: 'read' });
    expect(await failed()).toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('issues: write'),
    });
  });
});
