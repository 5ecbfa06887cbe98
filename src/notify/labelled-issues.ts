import type { Github, Repository } from '../github/client.ts';
import { explainGithub, statusOf } from '../github/explain.ts';
import { ConfigError } from '../lib/errors.ts';

/** Issues of ours carry this label, so that they can be listed without reading all the others. */
export const label = {
  name: 'holdfast',
  color: '2f6f4f',
  description: 'Opened and closed by Holdfast, which watches over the backups',
};

/** A repository whose issues are written. */
export interface IssuePlace extends Repository {
  /** With `issues: write`. */
  octokit: Github;
}

export interface LabelledIssue {
  number: number;
  title: string;
  body: string;
  isOpen: boolean;
  /** Milliseconds since the epoch; null while it is open. */
  closedAtMs: number | null;
  url: string;
}

type Listed = Awaited<ReturnType<Github['rest']['issues']['listForRepo']>>['data'][number];

/** All that carry the label, open or closed, oldest first. Errors are octokit's. */
export async function listLabelled({ octokit, owner, repo }: IssuePlace): Promise<LabelledIssue[]> {
  const list = octokit.rest.issues.listForRepo;
  const found = await octokit.paginate(list, {
    owner,
    repo,
    labels: label.name,
    state: 'all',
    per_page: 100,
  });
  // GitHub lists pull requests among the issues.
  return found
    .filter((issue) => !issue.pull_request)
    .map(read)
    .sort((a, b) => a.number - b.number);
}

/** One by its number, whatever its labels; null when it is gone, or a pull request. */
export async function findIssue(
  { octokit, owner, repo }: IssuePlace,
  number: number,
): Promise<LabelledIssue | null> {
  try {
    const { data } = await octokit.rest.issues.get({ owner, repo, issue_number: number });
    return data.pull_request ? null : read(data);
  } catch (error) {
    if ([404, 410].includes(statusOf(error) ?? 0)) return null;
    throw error;
  }
}

/** Makes the label, unless it is there already. */
export async function ensureLabel({ octokit, owner, repo }: IssuePlace): Promise<void> {
  try {
    await octokit.rest.issues.getLabel({ owner, repo, name: label.name });
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    await octokit.rest.issues.createLabel({ owner, repo, ...label }).catch((refusal) => {
      // Somebody else was faster.
      if (statusOf(refusal) !== 422) throw refusal;
    });
  }
}

export async function openIssue(
  { octokit, owner, repo }: IssuePlace,
  { title, body }: { title: string; body: string },
): Promise<LabelledIssue> {
  const { data } = await octokit.rest.issues.create({ owner, repo, title, body, labels: [label.name] });
  return read(data as Listed);
}

export async function commentOn(
  { octokit, owner, repo }: IssuePlace,
  { number }: Pick<LabelledIssue, 'number'>,
  body: string,
): Promise<void> {
  await octokit.rest.issues.createComment({ owner, repo, issue_number: number, body });
}

export async function changeIssue(
  { octokit, owner, repo }: IssuePlace,
  { number }: Pick<LabelledIssue, 'number'>,
  changes: {
    title?: string;
    body?: string;
    state?: 'open' | 'closed';
    state_reason?: 'completed' | 'not_planned';
  },
): Promise<void> {
  await octokit.rest.issues.update({ owner, repo, issue_number: number, ...changes });
}

/** What an error of all this means in plain words. */
export function explainIssues(error: unknown): unknown {
  if (statusOf(error) === 410) {
    return new ConfigError('The issue could not be written: this repository has its issues switched off.', {
      hint: 'Switch them on (Settings → General → Features → Issues), or write alerts: { issue: false } in holdfast.yml.',
      publicReason: 'the repository has its issues switched off',
      cause: error,
    });
  }
  return explainGithub(error, { what: 'the issue could not be written', permission: 'issues: write' });
}

function read(
  issue: Pick<Listed, 'number' | 'title' | 'body' | 'state' | 'closed_at' | 'html_url'>,
): LabelledIssue {
  const { number, title, body, state, closed_at, html_url } = issue;
  return {
    number,
    title,
    body: body ?? '',
    isOpen: state === 'open',
    closedAtMs: closed_at ? Date.parse(closed_at) : null,
    url: html_url,
  };
}
