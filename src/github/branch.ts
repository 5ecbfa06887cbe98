import { createHash } from 'node:crypto';
import { IntegrityError } from '../lib/errors.ts';
import type { Github, Repository } from './client.ts';
import { isEmptyRepository, statusOf } from './explain.ts';
import { repeatable } from './steady-fetch.ts';

/**
 * Files in the root of a branch, read at one commit and changed by compare-and-swap, through the git data API. A commit
 * names its parent, and a branch is only ever moved forward: whoever was slower is refused, so no update can be lost.
 * The contents API would do it with fewer requests, but per file, not with files above 1 MB, and not for a new branch.
 */
export interface Branch {
  commit: string;
  /** From name to the name of the blob. */
  files: Map<string, string>;
}

/** Where a branch is; everything below takes it. Errors are octokit's, to be explained by the caller. */
export interface BranchAddress extends Repository {
  branch: string;
}

/**
 * The branch as it is now; null when there is none.
 *
 * @throws IntegrityError when GitHub does not give the whole list of files
 */
export async function readBranch(octokit: Github, address: BranchAddress): Promise<Branch | null> {
  const { owner, repo, branch } = address;
  // A list, because a 404 for one ref may also mean that the token sees nothing at all.
  const refs = await octokit.rest.git
    .listMatchingRefs({ owner, repo, ref: `heads/${branch}` })
    .catch((error) => {
      // A repository without any commit.
      if (isEmptyRepository(error)) return { data: [] };
      throw error;
    });
  const head = expectArray(refs.data).find(({ ref }) => ref === `refs/heads/${branch}`);
  if (!head) return null;
  const { data } = await octokit.rest.git.getTree({ owner, repo, tree_sha: head.object.sha });
  if (!Array.isArray(data.tree) || data.truncated) throw partial('the list of files is not whole');
  const files = data.tree.filter(({ type }) => type === 'blob').map(({ path, sha }) => [path, sha] as const);
  return { commit: head.object.sha, files: new Map(files) };
}

/** The content of a blob. @throws IntegrityError when it is not what its name says */
export async function readBlob(octokit: Github, { owner, repo }: Repository, sha: string): Promise<Buffer> {
  const { data } = await octokit.rest.git.getBlob({ owner, repo, file_sha: sha });
  const bytes = Buffer.from(String(data.content), 'base64');
  const named = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  if (data.encoding !== 'base64' || named !== sha) throw partial('a file is not whole');
  return bytes;
}

/**
 * Commits files onto what was read, and moves the branch there; makes the branch when there was none.
 *
 * @returns false when somebody else has moved it meanwhile, and nothing was changed
 */
export async function commitFiles(
  octokit: Github,
  { owner, repo, branch }: BranchAddress,
  change: { onto: Branch | null; files: Record<string, string>; message: string },
): Promise<boolean> {
  const { onto, message } = change;
  const headers = repeatable;
  const entries = await Promise.all(
    Object.entries(change.files).map(async ([path, text]) => {
      const content = Buffer.from(text).toString('base64');
      const blob = await octokit.rest.git.createBlob({ owner, repo, content, encoding: 'base64', headers });
      return { path, mode: '100644' as const, type: 'blob' as const, sha: blob.data.sha };
    }),
  );
  const base = onto ? { base_tree: onto.commit } : {};
  const tree = await octokit.rest.git.createTree({ owner, repo, ...base, tree: entries, headers });
  const parents = onto ? [onto.commit] : [];
  const commit = await octokit.rest.git.createCommit({
    owner,
    repo,
    message,
    tree: tree.data.sha,
    parents,
    headers,
  });
  const { sha } = commit.data;
  try {
    if (onto) await octokit.rest.git.updateRef({ owner, repo, ref: `heads/${branch}`, sha, force: false });
    else await octokit.rest.git.createRef({ owner, repo, ref: `refs/heads/${branch}`, sha });
    return true;
  } catch (error) {
    if (isOvertaken(error)) return false;
    throw error;
  }
}

/** Whether somebody else was faster; also 409, which GitHub answers when two pushes meet inside of it. */
export function isOvertaken(error: unknown): boolean {
  const { message } = error as Error;
  const status = statusOf(error);
  if (isEmptyRepository(error) || /rule violation|protected/i.test(message)) return false;
  return status === 409 || (status === 422 && /fast.forward|already exists/i.test(message));
}

function expectArray<T>(data: readonly T[]): readonly T[] {
  if (Array.isArray(data)) return data;
  throw partial('the list of branches is not whole');
}

function partial(what: string) {
  return new IntegrityError(`GitHub gave an answer that is not whole: ${what}.`, {
    hint: 'Nothing was changed. Run it again; https://www.githubstatus.com tells of outages.',
    publicReason: 'GitHub gave an answer that is not whole',
  });
}
