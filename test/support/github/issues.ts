import type { FakeIssue, FakeRepository } from './repository.ts';
import { type ApiRequest, created, noContent, notFound, ok, pageOf, type Route, refused } from './route.ts';

/** Issues, their comments and labels: https://docs.github.com/en/rest/issues, as we read it. */

const read = 'issues: read' as const;
const write = 'issues: write' as const;
const iso = (moment: number) => new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');

function describeIssue(repository: FakeRepository, issue: FakeIssue) {
  const { number, title, body, state, labels, user } = issue;
  return {
    number,
    title,
    body,
    state,
    state_reason: issue.stateReason,
    labels: labels.map((name) => ({ name })),
    user: { login: user },
    comments: repository.comments.filter((comment) => comment.issue === number).length,
    created_at: iso(issue.createdAt),
    updated_at: iso(issue.updatedAt),
    closed_at: state === 'closed' ? iso(issue.closedAt ?? issue.updatedAt) : null,
    html_url: `https://github.com/${repository.owner}/${repository.name}/issues/${number}`,
    ...(issue.isPullRequest ? { pull_request: { url: '' } } : {}),
  };
}

const issueOf = ({ repository, params }: ApiRequest) =>
  repository.issues.find(({ number }) => number === Number(params['number']));

export const issueRoutes: Route[] = [
  {
    method: 'GET',
    path: '/issues',
    permission: read,
    handle: (request) => {
      const { repository, query } = request;
      const state = query.get('state') ?? 'open';
      const labels = query.get('labels')?.split(',') ?? [];
      const creator = query.get('creator');
      const found = repository.issues.filter(
        (issue) =>
          (state === 'all' || issue.state === state) &&
          (creator === null || issue.user === creator) &&
          labels.every((label) => issue.labels.includes(label)),
      );
      const sorted = found.sort((a, b) => b.number - a.number);
      return pageOf(
        request,
        sorted.map((issue) => describeIssue(repository, issue)),
      );
    },
  },
  {
    method: 'POST',
    path: '/issues',
    permission: write,
    handle: ({ repository, body }) => {
      if (!repository.hasIssues) return refused('Issues has been disabled in this repository.', 410);
      const {
        title,
        body: text = '',
        labels = [],
      } = body as { title?: string; body?: string; labels?: string[] };
      if (!title) return refused('Validation Failed');
      const now = repository.now();
      const issue: FakeIssue = {
        number: repository.issues.length + 1,
        title,
        body: text,
        state: 'open',
        stateReason: null,
        labels,
        user: 'github-actions[bot]',
        createdAt: now,
        updatedAt: now,
      };
      repository.issues.push(issue);
      for (const name of labels) {
        if (!repository.labels.some((label) => label.name === name))
          repository.labels.push({ name, color: 'ededed', description: '' });
      }
      return created(describeIssue(repository, issue));
    },
  },
  {
    method: 'GET',
    path: '/issues/:number',
    permission: read,
    handle: (request) => {
      const issue = issueOf(request);
      return issue ? ok(describeIssue(request.repository, issue)) : notFound;
    },
  },
  {
    method: 'PATCH',
    path: '/issues/:number',
    permission: write,
    handle: (request) => {
      const issue = issueOf(request);
      if (!issue) return notFound;
      const { title, body, state, state_reason, labels } = request.body as Record<string, never>;
      Object.assign(issue, {
        ...(title === undefined ? {} : { title }),
        ...(body === undefined ? {} : { body }),
        ...(state === undefined ? {} : { state }),
        ...(state_reason === undefined ? {} : { stateReason: state_reason }),
        ...(labels === undefined ? {} : { labels }),
        ...(state === undefined ? {} : { closedAt: state === 'closed' ? request.repository.now() : null }),
        updatedAt: request.repository.now(),
      });
      return ok(describeIssue(request.repository, issue));
    },
  },
  {
    method: 'GET',
    path: '/issues/:number/comments',
    permission: read,
    handle: (request) => {
      const issue = issueOf(request);
      if (!issue) return notFound;
      const comments = request.repository.comments.filter((each) => each.issue === issue.number);
      return pageOf(
        request,
        comments.map(({ id, body, user, createdAt }) => ({
          id,
          body,
          user: { login: user },
          created_at: iso(createdAt),
        })),
      );
    },
  },
  {
    method: 'POST',
    path: '/issues/:number/comments',
    permission: write,
    handle: (request) => {
      const issue = issueOf(request);
      if (!issue) return notFound;
      const { repository } = request;
      const { body } = request.body as { body: string };
      const comment = {
        id: repository.nextId(),
        issue: issue.number,
        body,
        user: 'github-actions[bot]',
        createdAt: repository.now(),
      };
      repository.comments.push(comment);
      issue.updatedAt = comment.createdAt;
      const url = `https://github.com/${repository.owner}/${repository.name}/issues/${issue.number}`;
      return created({ id: comment.id, body, html_url: `${url}#issuecomment-${comment.id}` });
    },
  },
  {
    method: 'GET',
    path: '/labels',
    permission: read,
    handle: (request) => pageOf(request, request.repository.labels),
  },
  {
    method: 'GET',
    path: '/labels/:label',
    permission: read,
    handle: ({ repository, params }) => {
      const label = repository.labels.find(({ name }) => name === params['label']);
      return label ? ok(label) : notFound;
    },
  },
  {
    method: 'POST',
    path: '/labels',
    permission: write,
    handle: ({ repository, body }) => {
      const { name, color = 'ededed', description = '' } = body as Record<string, string>;
      if (repository.labels.some((label) => label.name === name)) return refused('Validation Failed');
      const label = { name: name!, color, description };
      repository.labels.push(label);
      return created(label);
    },
  },
  {
    method: 'DELETE',
    path: '/labels/:label',
    permission: write,
    handle: ({ repository, params }) => {
      const index = repository.labels.findIndex(({ name }) => name === params['label']);
      if (index === -1) return notFound;
      repository.labels.splice(index, 1);
      return noContent;
    },
  },
];
