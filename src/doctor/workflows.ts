import { explainGithub, isEmptyRepository } from '../github/explain.ts';
import type { IssuePlace } from '../notify/labelled-issues.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { RepositoryFacts } from './repository.ts';

const about = 'workflows';
const dayMs = 24 * 3_600_000;

/**
 * GitHub switches scheduled workflows of a public repository off when nothing happened in it for so long.
 * https://docs.github.com/en/actions/how-tos/manage-workflow-runs/disable-and-enable-workflows
 */
const switchedOffAfterDays = 60;
const warnAfterDays = 45;

/** Those with a schedule, as this repository and `holdfast init` name them. */
const scheduled = /\/(?:holdfast-)?(backup|verify|restore-test|retention-review|status)\.ya?ml$/;

/** Whether the scheduled workflows are there and switched on, and will stay so. */
export async function checkWorkflows(
  place: IssuePlace,
  facts: RepositoryFacts,
  now: number,
): Promise<Finding[]> {
  const { octokit, owner, repo } = place;
  const list = octokit.rest.actions.listRepoWorkflows;
  const all = await octokit.paginate(list, { owner, repo, per_page: 100 }).catch((error) => {
    const doing = { what: 'the workflows could not be read', permission: 'actions: read' };
    throw explainGithub(error, doing);
  });
  const ours = all.flatMap(({ path, state }) => {
    const name = scheduled.exec(path)?.[1];
    return name === undefined ? [] : [{ name, state, file: path.split('/').at(-1)! }];
  });
  const findings = ours
    .filter(({ state }) => state !== 'active')
    .map(({ name, state, file }) => switchedOff(name, state, file));
  if (!ours.some(({ name }) => name === 'backup')) {
    const text = `The default branch ${facts.defaultBranch} has no workflow that backs up.`;
    findings.push(problem(about, text, 'Run `holdfast init`, and push what it writes to that branch.'));
  }
  if (findings.length === 0) findings.push(ok(about, `All ${ours.length} scheduled ones are switched on.`));
  if (facts.isPublic) findings.push(await checkActivity(place, facts, now));
  return findings;
}

function switchedOff(name: string, state: string, file: string): Finding {
  const why =
    state === 'disabled_inactivity'
      ? `GitHub has switched it off after ${switchedOffAfterDays} days without activity`
      : state === 'disabled_fork'
        ? 'GitHub switches workflows of forks off'
        : 'somebody has switched it off';
  const advice = `gh workflow enable ${file}`;
  const text = `The workflow ${name} does not run: ${why}.`;
  return name === 'backup' ? problem(about, text, advice) : warning(about, text, advice);
}

/** Only the default branch counts here: it is not known whether the ledger's own commits do. */
async function checkActivity(
  { octokit, owner, repo }: IssuePlace,
  { defaultBranch }: RepositoryFacts,
  now: number,
): Promise<Finding> {
  const commits = await octokit.rest.repos
    .listCommits({ owner, repo, sha: defaultBranch, per_page: 1 })
    .then(({ data }) => data)
    .catch((error) => {
      if (isEmptyRepository(error)) return [];
      throw explainGithub(error, { what: 'the commits could not be read', permission: 'contents: read' });
    });
  const last = Date.parse(commits[0]?.commit.committer?.date ?? '');
  const days = Math.floor((now - last) / dayMs);
  if (Number.isNaN(days))
    return warning(about, 'There is no commit whose age could be read.', 'Push a commit.');
  if (days < warnAfterDays)
    return ok(about, `The last commit is ${days} days old; GitHub waits for ${switchedOffAfterDays}.`);
  return warning(
    about,
    `The last commit on ${defaultBranch} is ${days} days old: after ${switchedOffAfterDays} days without activity GitHub may switch the schedule of a public repository off.`,
    'Push any commit to it, such as an update of the pinned version. A heartbeat would ring when it happens (docs/alerts.md).',
  );
}
