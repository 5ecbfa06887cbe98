import { addBlob, addCommit, addTree, descends } from './git-objects.ts';
import type { GitTreeEntry } from './repository.ts';
import { type ApiRequest, created, noContent, notFound, ok, type Route, refused } from './route.ts';

/** The git data API: https://docs.github.com/en/rest/git, as we read it. */

const read = 'contents: read' as const;
const write = 'contents: write' as const;

const isEmpty = ({ repository }: ApiRequest) => repository.git.refs.size === 0;
const empty = refused('Git Repository is empty.', 409);
const asRef = ([ref, sha]: [string, string]) => ({ ref, object: { sha, type: 'commit' } });

/** Also by commit or branch, as GitHub has it. */
function treeOf({ repository: { git } }: ApiRequest, name: string) {
  const commit = git.refs.get(`refs/heads/${name}`) ?? name;
  const sha = git.commits.get(commit)?.tree ?? commit;
  const tree = git.trees.get(sha);
  return tree && { sha, tree };
}

export const gitRoutes: Route[] = [
  {
    method: 'GET',
    path: '/git/matching-refs/*ref',
    permission: read,
    handle: (request) => {
      if (isEmpty(request)) return empty;
      const refs = [...request.repository.git.refs];
      return ok(refs.filter(([ref]) => ref.startsWith(`refs/${request.params['ref']}`)).map(asRef));
    },
  },
  {
    method: 'GET',
    path: '/git/ref/*ref',
    permission: read,
    handle: (request) => {
      if (isEmpty(request)) return empty;
      const ref = `refs/${request.params['ref']}`;
      const sha = request.repository.git.refs.get(ref);
      return sha ? ok(asRef([ref, sha])) : notFound;
    },
  },
  {
    method: 'POST',
    path: '/git/refs',
    permission: write,
    handle: ({ repository: { git }, body }) => {
      const { ref, sha } = body as { ref: string; sha: string };
      if (git.protected.has(ref)) return refused('Repository rule violations found');
      if (git.refs.has(ref)) return refused('Reference already exists');
      if (!git.commits.has(sha)) return refused('Object does not exist');
      git.refs.set(ref, sha);
      return created(asRef([ref, sha]));
    },
  },
  {
    method: 'PATCH',
    path: '/git/refs/*ref',
    permission: write,
    handle: ({ repository, params, body }) => {
      const { git } = repository;
      const ref = `refs/${params['ref']}`;
      const { sha, force } = body as { sha: string; force?: boolean };
      const current = git.refs.get(ref);
      if (git.protected.has(ref)) return refused('Repository rule violations found');
      if (!current) return refused('Reference does not exist');
      if (!git.commits.has(sha)) return refused('Object does not exist');
      if (!force && !descends(repository, sha, current)) return refused('Update is not a fast forward');
      git.refs.set(ref, sha);
      return ok(asRef([ref, sha]));
    },
  },
  {
    method: 'DELETE',
    path: '/git/refs/*ref',
    permission: write,
    handle: ({ repository: { git }, params }) =>
      git.refs.delete(`refs/${params['ref']}`) ? noContent : refused('Reference does not exist'),
  },
  {
    method: 'POST',
    path: '/git/blobs',
    permission: write,
    handle: (request) => {
      if (isEmpty(request)) return empty;
      const { content, encoding } = request.body as { content: string; encoding?: BufferEncoding };
      return created({ sha: addBlob(request.repository, Buffer.from(content, encoding ?? 'utf8')) });
    },
  },
  {
    method: 'GET',
    path: '/git/blobs/:sha',
    permission: read,
    handle: ({ repository: { git }, params }) => {
      const bytes = git.blobs.get(params['sha']!);
      if (!bytes) return notFound;
      // GitHub breaks base64 into lines.
      const content = bytes.toString('base64').replace(/.{60}/g, '$&\n');
      return ok({ sha: params['sha'], size: bytes.length, encoding: 'base64', content });
    },
  },
  {
    method: 'POST',
    path: '/git/trees',
    permission: write,
    handle: (request) => {
      if (isEmpty(request)) return empty;
      const { base_tree: base, tree } = request.body as {
        base_tree?: string;
        tree: (Omit<GitTreeEntry, 'sha'> & { sha?: string | null; content?: string })[];
      };
      const entries = new Map<string, GitTreeEntry>();
      if (base !== undefined) {
        const before = treeOf(request, base);
        if (!before) return refused('base_tree is not a valid tree');
        for (const entry of before.tree) entries.set(entry.path, entry);
      }
      for (const { content, ...entry } of tree) {
        const sha = content === undefined ? entry.sha : addBlob(request.repository, Buffer.from(content));
        if (sha === null) entries.delete(entry.path);
        else if (!sha || !request.repository.git.blobs.has(sha))
          return refused('tree.sha is not a valid blob');
        else entries.set(entry.path, { ...entry, sha });
      }
      const sha = addTree(request.repository, [...entries.values()]);
      return created({ sha, tree: [...entries.values()], truncated: false });
    },
  },
  {
    method: 'GET',
    path: '/git/trees/:sha',
    permission: read,
    handle: (request) => {
      if (isEmpty(request)) return empty;
      const found = treeOf(request, request.params['sha']!);
      if (!found) return notFound;
      const truncated = request.repository.git.treesAreTruncated;
      return ok({ ...found, tree: truncated ? found.tree.slice(0, 1) : found.tree, truncated });
    },
  },
  {
    method: 'POST',
    path: '/git/commits',
    permission: write,
    handle: (request) => {
      if (isEmpty(request)) return empty;
      const {
        message,
        tree,
        parents = [],
      } = request.body as { message: string; tree: string; parents?: string[] };
      if (!request.repository.git.trees.has(tree)) return refused('Tree SHA does not exist');
      const sha = addCommit(request.repository, { message, tree, parents });
      return created({
        sha,
        message,
        tree: { sha: tree },
        parents: parents.map((parent) => ({ sha: parent })),
      });
    },
  },
  {
    method: 'GET',
    path: '/git/commits/:sha',
    permission: read,
    handle: ({ repository: { git }, params }) => {
      const commit = git.commits.get(params['sha']!);
      if (!commit) return notFound;
      return ok({ ...commit, tree: { sha: commit.tree }, parents: commit.parents.map((sha) => ({ sha })) });
    },
  },
];
