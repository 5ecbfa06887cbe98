import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LoadedConfig } from '../config/check.ts';
import { explainGithub, isEmptyRepository } from '../github/explain.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { counted } from '../lib/format.ts';
import type { IssuePlace } from '../notify/labelled-issues.ts';
import { type Finding, ok, problem, thrown, warning } from './finding.ts';

const about = 'ledger';

/** Whether the ledger can be read to its end. */
export async function checkLedger(ledger: Ledger): Promise<Finding[]> {
  const records = await ledger.read();
  if (records === null) return [ok(about, 'There is none yet; the first backup makes it.')];
  return [ok(about, `It is sound and has ${counted(records.length, 'record')}.`)];
}

/** Whether it could be written. It is append-only and public, so nothing is written to it for this. */
export async function checkLedgerFolder(
  { ledger }: Pick<LoadedConfig, 'ledger'>,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  if (ledger.type !== 'directory') return [];
  if (env['RUNNER_ENVIRONMENT'] === 'github-hosted') {
    const text =
      'It is a folder of a runner of GitHub, which is thrown away after each job, with all history.';
    return [problem(about, text, 'Write ledger: { type: github }')];
  }
  for (let folder = ledger.path; ; folder = dirname(folder)) {
    try {
      await access(folder, constants.W_OK | constants.X_OK);
      return [ok(about, 'Its folder can be written.')];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // The folders above are made when they are missing.
      if (code === 'ENOENT' && folder !== dirname(folder)) continue;
      return [
        problem(
          about,
          `Its folder cannot be written (${code}).`,
          'Give the user that runs Holdfast the right.',
        ),
      ];
    }
  }
}

/** The same for a branch: an object that no commit names is written, which takes the same right and leaves no trace. */
export async function checkLedgerBranch(
  { octokit, owner, repo }: IssuePlace,
  branch: string,
): Promise<Finding[]> {
  try {
    const content = Buffer.from('A probe of holdfast doctor.\n').toString('base64');
    await octokit.rest.git.createBlob({ owner, repo, content, encoding: 'base64' });
  } catch (error) {
    const doing = { what: 'the ledger could not be written', permission: 'contents: write' };
    if (isEmptyRepository(error)) {
      return [problem(about, 'The repository has no commit yet.', 'Push a first commit.')];
    }
    return [thrown(about, explainGithub(error, doing))];
  }
  const found = await octokit.rest.repos.getBranch({ owner, repo, branch }).then(
    ({ data }) => data,
    () => null,
  );
  if (!found?.protected) return [ok(about, 'The token may write it.')];
  const text = `A rule of the repository protects its branch ${branch}, and may refuse records.`;
  return [warning(about, text, 'Exempt the branch from rulesets and branch protection.')];
}
