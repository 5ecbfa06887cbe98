import type { Answers } from './answers.ts';
import { runsOnGithub } from './holdfast-yml.ts';

/** What is left to do by hand, because it needs secrets. */

export interface NextSteps {
  /** Lines for a shell, in the repository. */
  commands: string[];
  /** Sentences. */
  advice: string[];
}

/** @param identityFile null: the recipient was given, and its identity is somewhere else */
export function nextSteps(answers: Answers, identityFile: string | null): NextSteps {
  if (!runsOnGithub(answers)) return onOwnMachine(answers, identityFile);
  const { source, postgresMajor, pages } = answers;
  const more = moreSecrets(answers);
  const commands = [
    source === 'postgres'
      ? 'gh secret set DATABASE_URL          # the URL of a role that may read everything'
      : 'gh secret set CRM_API_KEY           # the key of its backup endpoint',
    ...(more.length > 0
      ? [`gh secret set HOLDFAST_SECRETS < FILE # outside of the repository, a line each: ${more.join(', ')}`]
      : []),
    "gh api -X PUT 'repos/{owner}/{repo}/environments/holdfast-proof'",
    identityFile === null
      ? 'gh secret set HOLDFAST_IDENTITY --env holdfast-proof   # for verification and restore tests only'
      : `gh secret set HOLDFAST_IDENTITY --env holdfast-proof < ${quoted(identityFile)}`,
    ...(postgresMajor === null ? [] : [`gh variable set HOLDFAST_POSTGRES_MAJOR --body ${postgresMajor}`]),
    ...(pages ? [] : ['gh variable set HOLDFAST_PAGES --body off']),
  ];
  const advice = [
    ...keepIdentity(identityFile),
    'Let the environment holdfast-proof be used by the default branch only: Settings → Environments.',
    ...(postgresMajor === null
      ? [
          'Restore tests take PostgreSQL 17 unless the variable HOLDFAST_POSTGRES_MAJOR names the major of your server.',
        ]
      : []),
    'Commit and push what was written to the default branch: schedules run from there only.',
    ...(pages ? ['Switch the page on: Settings → Pages → Source: GitHub Actions.'] : []),
    'Actions → Backup → Run workflow. Then Restore test, which proves it.',
  ];
  return { commands, advice };
}

/** Names that `HOLDFAST_SECRETS` has a line for. */
function moreSecrets({ stores, heartbeat, webhook }: Answers): string[] {
  return [
    ...(stores.includes('s3') ? ['S3_ACCESS_KEY_ID=…', 'S3_SECRET_ACCESS_KEY=…'] : []),
    ...(heartbeat ? ['HEARTBEAT_URL=…'] : []),
    ...(webhook ? ['WEBHOOK_URL=…'] : []),
  ];
}

function onOwnMachine(answers: Answers, identityFile: string | null): NextSteps {
  const names = [
    answers.source === 'postgres' ? 'DATABASE_URL' : 'CRM_API_KEY',
    ...moreSecrets(answers).map((line) => line.split('=')[0]!),
  ];
  return {
    commands: [
      'npm run -s holdfast -- doctor',
      'npm run -s holdfast -- backup',
      `npm run -s holdfast -- restore-test --identity-file ${identityFile === null ? 'FILE' : quoted(identityFile)}`,
    ],
    advice: [
      ...keepIdentity(identityFile),
      `Set ${names.join(', ')} in the environment of whatever runs it every night.`,
    ],
  };
}

function keepIdentity(identityFile: string | null): string[] {
  if (identityFile === null) return [];
  return [
    `Keep two copies of ${identityFile} away from this machine (a password manager and paper will do): without it no backup can be read, by anyone, ever. It never goes into a repository.`,
  ];
}

/** As one word for a shell. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
