import { addBlob, addCommit, addTree } from './git-objects.ts';
import type { GitTreeEntry } from './repository.ts';
import { notFound, ok, type Route, refused } from './route.ts';

/** The contents API for files in the root: https://docs.github.com/en/rest/repos/contents, as we read it. */

/** Above this size GitHub leaves `content` empty. */
const inlineLimitBytes = 1 << 20;

export const contentsRoutes: Route[] = [
  {
    method: 'GET',
    path: '/contents/:path',
    permission: 'contents: read',
    handle: ({ repository: { git, defaultBranch }, params, query }) => {
      const name = query.get('ref') ?? defaultBranch;
      const commit = git.commits.get(git.refs.get(`refs/heads/${name}`) ?? name);
      const entry = commit && git.trees.get(commit.tree)!.find(({ path }) => path === params['path']);
      if (!entry) return notFound;
      const bytes = git.blobs.get(entry.sha)!;
      const isInline = bytes.length <= inlineLimitBytes;
      return ok({
        type: 'file',
        path: entry.path,
        sha: entry.sha,
        size: bytes.length,
        encoding: isInline ? 'base64' : 'none',
        content: isInline ? bytes.toString('base64') : '',
      });
    },
  },
  {
    method: 'PUT',
    path: '/contents/:path',
    permission: 'contents: write',
    handle: ({ repository, params, body }) => {
      const { git, defaultBranch } = repository;
      const { message, content, branch = defaultBranch, sha } = body as Record<string, string>;
      const ref = `refs/heads/${branch}`;
      const head = git.refs.get(ref);
      if (!head) return refused(`Branch ${branch} not found`, 404);
      if (git.protected.has(ref)) return refused('Repository rule violations found', 409);
      const before = git.trees.get(git.commits.get(head)!.tree)!;
      const path = params['path']!;
      const old = before.find((entry) => entry.path === path);
      if (old && sha === undefined) return refused('"sha" wasn\'t supplied.');
      if (old?.sha !== sha) return refused(`${path} does not match ${sha}`, 409);
      const blob = addBlob(repository, Buffer.from(content!, 'base64'));
      const entry: GitTreeEntry = { path, mode: '100644', type: 'blob', sha: blob };
      const tree = addTree(repository, [...before.filter((each) => each !== old), entry]);
      const commit = addCommit(repository, { tree, parents: [head], message: message! });
      git.refs.set(ref, commit);
      return { status: old ? 200 : 201, body: { content: { path, sha: blob }, commit: { sha: commit } } };
    },
  },
];
