import type { LoadedConfig } from '../config/check.ts';
import { explainGithub, statusOf } from '../github/explain.ts';
import type { IssuePlace } from '../notify/labelled-issues.ts';
import { compareClocks } from './clock.ts';
import { type Finding, ok, problem, thrown, warning } from './finding.ts';

const about = 'repository';

export interface RepositoryFacts {
  isPublic: boolean;
  defaultBranch: string;
}

/** What GitHub says of the repository, and what that means for the configuration. */
export async function checkRepository(
  { octokit, owner, repo }: IssuePlace,
  config: Pick<LoadedConfig, 'encryption' | 'stores' | 'publish'>,
  now: () => number,
): Promise<{ findings: Finding[]; facts: RepositoryFacts | null }> {
  const before = now();
  let data: Awaited<ReturnType<typeof octokit.rest.repos.get>>['data'];
  let date: string | undefined;
  try {
    const answer = await octokit.rest.repos.get({ owner, repo });
    data = answer.data;
    date = answer.headers.date;
  } catch (error) {
    const doing = { what: 'the repository could not be read', permission: 'metadata: read' };
    return { findings: [thrown(about, explainGithub(error, doing))], facts: null };
  }
  const findings = visibility(data.private !== true, config);
  if (data.archived) {
    const text = 'It is archived: no scheduled workflow runs in it.';
    findings.push(problem(about, text, 'Take it out of the archive: Settings → General.'));
  }
  findings.push(...compareClocks(about, 'GitHub', date ? Date.parse(date) : null, (before + now()) / 2));
  return { findings, facts: { isPublic: data.private !== true, defaultBranch: data.default_branch } };
}

function visibility(
  isPublic: boolean,
  { encryption, stores, publish }: Pick<LoadedConfig, 'encryption' | 'stores' | 'publish'>,
): Finding[] {
  if (!isPublic) return [ok(about, 'It is private.')];
  const findings: Finding[] = [];
  const hasArtifacts = Object.values(stores).some(({ type }) => type === 'artifact');
  if (hasArtifacts && encryption === 'off') {
    const text = 'It is public and encryption is off: anyone could download every row as an artifact.';
    findings.push(problem(about, text, 'Give recipients under encryption:, or use another store.'));
  }
  if (publish.details === 'tables') {
    const text = 'It is public, and publish: { details: tables } shows names of tables to everybody.';
    findings.push(warning(about, text, 'Write details: none, unless you mean it.'));
  }
  if (findings.length === 0)
    findings.push(ok(about, 'It is public, and nothing that should be secret is published.'));
  return findings;
}

/** Reads that show what the token may do. Writing can't be tried without a trace, and is left to the workflows' grants. */
export async function checkToken(
  { octokit, owner, repo }: IssuePlace,
  config: Pick<LoadedConfig, 'alerts' | 'stores'>,
): Promise<Finding[]> {
  const hasArtifacts = Object.values(config.stores).some(({ type }) => type === 'artifact');
  const reads = [
    ...(hasArtifacts
      ? [{ permission: 'actions: read', read: () => octokit.rest.actions.listArtifactsForRepo(one) }]
      : []),
    ...(config.alerts.issue
      ? [{ permission: 'issues: write', read: () => octokit.rest.issues.listForRepo(one) }]
      : []),
  ];
  const one = { owner, repo, per_page: 1 };
  const findings: Finding[] = [];
  for (const { permission, read } of reads) {
    try {
      await read();
    } catch (error) {
      if (statusOf(error) === 410) continue;
      const doing = { what: `what takes "${permission}" could not be read`, permission };
      findings.push(thrown('token', explainGithub(error, doing)));
    }
  }
  if (findings.length > 0 || reads.length === 0) return findings;
  return [ok('token', 'It may read what this configuration needs; that it may write shows only in a run.')];
}
