import { text } from 'node:stream/consumers';
import { type FaultServer, startFaultServer } from './fault-server.ts';
import { actionsRoutes } from './github/actions.ts';
import { contentsRoutes } from './github/contents.ts';
import { gitRoutes } from './github/git.ts';
import { pushFiles } from './github/git-objects.ts';
import { issueRoutes } from './github/issues.ts';
import { metadataRoutes } from './github/metadata.ts';
import { type FakeRepository, newRepository } from './github/repository.ts';
import {
  type Answer,
  type ApiRequest,
  matchPath,
  notFound,
  type Permissions,
  type Route,
} from './github/route.ts';

/**
 * A fake of GitHub's REST API at the wire, with one repository in memory. It is our reading of the documentation
 * (docs.github.com/en/rest, version 2022-11-28) and no recording: where it and GitHub differ, GitHub is right.
 */

export interface FakeGithub extends FaultServer {
  repository: FakeRepository;
  /** A token that may do this here, as `permissions:` of a workflow has it. */
  token(permissions: Permissions): string;
}

const routes: Route[] = [
  ...metadataRoutes,
  ...gitRoutes,
  ...contentsRoutes,
  ...actionsRoutes,
  ...issueRoutes,
];

/**
 * @param options what differs from a private repository `acme/backups` with one commit on `main`
 * @param more routes that a test adds; they come first
 */
export async function startGithubApi(
  options: Partial<FakeRepository> & { isEmpty?: boolean } = {},
  more: Route[] = [],
): Promise<FakeGithub> {
  const { isEmpty = false, ...changes } = options;
  const repository = newRepository(changes);
  if (!isEmpty) pushFiles(repository, repository.defaultBranch, { 'README.md': '# backups\n' });
  const prefix = `/repos/${repository.owner}/${repository.name}`;
  const server = await startFaultServer(async (request, response, parsed) => {
    const sent = await text(request);
    const body = sent === '' ? {} : JSON.parse(sent);
    const answer = await respond(request.headers.authorization, { ...parsed, body } as ApiRequest);
    const { limit, remaining, resetAt } = repository.rateLimit;
    response.writeHead(answer.status, {
      ...(answer.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      'x-ratelimit-limit': limit,
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': Math.ceil(resetAt / 1000),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  });

  async function respond(authorization: string | undefined, request: ApiRequest): Promise<Answer> {
    const { rateLimit } = repository;
    if (!authorization) return { status: 401, body: { message: 'Requires authentication' } };
    const permissions = repository.tokens.get(authorization.replace(/^(token|bearer) /i, ''));
    if (!permissions) return { status: 401, body: { message: 'Bad credentials' } };
    if (rateLimit.resetAt <= repository.now()) rateLimit.remaining = rateLimit.limit;
    if (rateLimit.remaining === 0) return { status: 403, body: { message: 'API rate limit exceeded.' } };
    rateLimit.remaining -= 1;
    if (request.path !== prefix && !request.path.startsWith(`${prefix}/`)) return notFound;
    const path = request.path.slice(prefix.length);
    for (const route of [...more, ...routes]) {
      const params = route.method === request.method ? matchPath(route.path, path) : null;
      if (!params) continue;
      const [scope, level] = route.permission.split(': ') as [string, string];
      const granted = scope === 'metadata' ? 'read' : permissions[scope];
      if (granted !== 'write' && granted !== level) {
        return {
          status: 403,
          body: { message: 'Resource not accessible by integration' },
          headers: { 'x-accepted-github-permissions': `${scope}=${level}` },
        };
      }
      return route.handle({ ...request, params, repository, baseUrl: server.url });
    }
    return notFound;
  }

  return Object.assign(server, {
    repository,
    token(permissions: Permissions) {
      const token = `ghs_fake${repository.nextId()}token`;
      repository.tokens.set(token, permissions);
      return token;
    },
  });
}
