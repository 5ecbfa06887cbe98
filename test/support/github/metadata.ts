import { notFound, ok, pageOf, type Route } from './route.ts';

/** The repository itself, its branches and its environments: https://docs.github.com/en/rest/repos, as we read it. */

const iso = (moment: number) => new Date(moment).toISOString().replace(/\.\d+Z$/, 'Z');

export const metadataRoutes: Route[] = [
  {
    method: 'GET',
    path: '',
    permission: 'metadata: read',
    handle: ({ repository }) =>
      ok({
        id: repository.id,
        name: repository.name,
        full_name: `${repository.owner}/${repository.name}`,
        owner: { login: repository.owner },
        private: repository.visibility !== 'public',
        visibility: repository.visibility,
        default_branch: repository.defaultBranch,
        archived: repository.isArchived,
        has_issues: repository.hasIssues,
        pushed_at: iso(repository.pushedAt),
      }),
  },
  {
    method: 'GET',
    path: '/branches/*branch',
    permission: 'contents: read',
    handle: ({ repository: { git }, params }) => {
      const ref = `refs/heads/${params['branch']}`;
      const sha = git.refs.get(ref);
      if (!sha) return notFound;
      return ok({ name: params['branch'], commit: { sha }, protected: git.protected.has(ref) });
    },
  },
  {
    method: 'GET',
    path: '/environments',
    permission: 'actions: read',
    handle: (request) =>
      pageOf(request, request.repository.environments.map(describeEnvironment), 'environments'),
  },
  {
    method: 'GET',
    path: '/environments/:name',
    permission: 'actions: read',
    handle: ({ repository, params }) => {
      const environment = repository.environments.find(({ name }) => name === params['name']);
      return environment ? ok(describeEnvironment(environment)) : notFound;
    },
  },
];

function describeEnvironment({ name, reviewers }: { name: string; reviewers: string[] }) {
  const rule = {
    type: 'required_reviewers',
    reviewers: reviewers.map((login) => ({ type: 'User', reviewer: { login } })),
  };
  return { name, protection_rules: reviewers.length > 0 ? [rule] : [] };
}
