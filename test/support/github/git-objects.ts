import { createHash } from 'node:crypto';
import type { FakeRepository, GitTreeEntry } from './repository.ts';

/** Git's objects, named as git names them, so that equal content is one object and a wrong name shows. */

function named(type: string, bytes: Buffer): string {
  return createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
}

export function addBlob({ git }: FakeRepository, bytes: Buffer): string {
  const sha = named('blob', bytes);
  git.blobs.set(sha, bytes);
  return sha;
}

export function addTree({ git }: FakeRepository, entries: readonly GitTreeEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const parts = sorted.flatMap(({ mode, path, sha }) => [
    Buffer.from(`${mode.replace(/^0/, '')} ${path}\0`),
    Buffer.from(sha, 'hex'),
  ]);
  const sha = named('tree', Buffer.concat(parts));
  git.trees.set(sha, sorted);
  return sha;
}

export function addCommit(
  repository: FakeRepository,
  commit: { tree: string; parents: string[]; message: string },
): string {
  // Real ones differ by their time and author; here a number does that.
  const text = `tree ${commit.tree}\n${commit.parents.join('\n')}\n${repository.nextId()}\n\n${commit.message}`;
  const sha = named('commit', Buffer.from(text));
  repository.git.commits.set(sha, { sha, ...commit });
  return sha;
}

/** Whether one commit is the other or comes after it. */
export function descends({ git }: FakeRepository, sha: string, ancestor: string): boolean {
  const seen = new Set<string>();
  const open = [sha];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === ancestor) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(git.commits.get(next)?.parents ?? []));
  }
  return false;
}

/** A branch with one commit of these files, as somebody else might push it. */
export function pushFiles(repository: FakeRepository, branch: string, files: Record<string, string>): string {
  const { git } = repository;
  const head = git.refs.get(`refs/heads/${branch}`);
  const before = head ? git.trees.get(git.commits.get(head)!.tree)! : [];
  const entries = Object.entries(files).map(([path, text]) => ({
    path,
    mode: '100644',
    type: 'blob' as const,
    sha: addBlob(repository, Buffer.from(text)),
  }));
  const kept = before.filter(({ path }) => !(path in files));
  const tree = addTree(repository, [...kept, ...entries]);
  const sha = addCommit(repository, { tree, parents: head ? [head] : [], message: 'pushed' });
  git.refs.set(`refs/heads/${branch}`, sha);
  return sha;
}

/** The text of each file in the root of a branch; null when there is no such branch. */
export function filesOf({ git }: FakeRepository, branch: string): Record<string, string> | null {
  const head = git.refs.get(`refs/heads/${branch}`);
  if (!head) return null;
  const entries = git.trees.get(git.commits.get(head)!.tree)!;
  return Object.fromEntries(entries.map(({ path, sha }) => [path, String(git.blobs.get(sha))]));
}
