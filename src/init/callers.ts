import { type Caller, callerText } from './caller-text.ts';

/**
 * The workflows that a repository needs to call ours: the same times, because a called workflow sees the events of its
 * caller. A test compares them with the workflows they call.
 */

const ledger = ['contents', 'write', 'the ledger on its branch'] as const;
const readArtifacts = ['actions', 'read', 'artifacts of earlier runs'] as const;
const tellAndShow = [
  ['issues', 'write', 'one issue per incident'],
  ['pages', 'write', 'deploys the page'],
  ['id-token', 'write', 'proves to Pages where the page comes from'],
] as const;

/** Answers of the person who starts it, as they are. */
const passed = (names: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, `\${{ inputs.${name} }}`]));

const callers: readonly Caller[] = [
  {
    workflow: 'backup',
    name: 'Backup',
    about: [
      'Takes the nightly backup. GitHub starts scheduled runs late and drops some: the other times look in, and back up only',
      'when the newest good backup is older than 8 hours.',
    ],
    on: `  schedule:
    - cron: '0 2 * * *'
    - cron: '23 1-23/2 * * *'
  workflow_dispatch:
    inputs:
      database:
        description: Only this database; empty means all
        default: ''
  # Sent by the CRM, when it wants a backup.
  repository_dispatch:
    types: [form_submission, enquiry_update, critical_operation]
`,
    permissions: [ledger, ['actions', 'write', 'deletes artifacts that no rule keeps'], ...tellAndShow],
    inputs: passed('database'),
    secrets: ['DATABASE_URL', 'CRM_API_KEY', 'HOLDFAST_SECRETS'],
    isReplaceable: false,
  },
  {
    workflow: 'verify',
    name: 'Verify',
    about: ['Reads every copy of the newest backup back, once a week.'],
    on: `  schedule:
    - cron: '41 4 * * 0'
  workflow_dispatch:
`,
    permissions: [ledger, readArtifacts, ...tellAndShow],
    inputs: {},
    secrets: ['HOLDFAST_IDENTITY', 'HOLDFAST_SECRETS'],
    isReplaceable: true,
  },
  {
    workflow: 'restore-test',
    name: 'Restore test',
    about: ['Rebuilds the newest backup in a scratch database and compares every row, once a month.'],
    on: `  schedule:
    - cron: '19 5 3 * *'
  workflow_dispatch:
`,
    permissions: [ledger, readArtifacts, ...tellAndShow],
    inputs: {},
    secrets: ['HOLDFAST_IDENTITY', 'HOLDFAST_SECRETS'],
    isReplaceable: true,
  },
  {
    workflow: 'restore',
    name: 'Restore',
    about: [
      'Restores a backup into a real database. Without a confirmation it only shows the plan. The environments NAME-plan and',
      'NAME hold TARGET_URL and HOLDFAST_IDENTITY; NAME should ask for a reviewer.',
    ],
    on: `  workflow_dispatch:
    inputs:
      backup:
        description: Id of a backup, or latest
        default: latest
      environment:
        description: Environment that holds TARGET_URL, such as production
        required: true
      mode:
        description: "new: into an empty database; replace: all that it holds; tables: only those"
        type: choice
        options: [replace, new, tables]
        default: replace
      tables:
        description: With mode tables, schema.table names
        default: ''
      target-name:
        description: Name of the target database, as the plan shows it
        default: ''
      confirm:
        description: Type RESTORE to restore; leave empty to see the plan
        default: ''
      database:
        description: Whose backup, when there are several databases
        default: ''
      trust-archive:
        description: Restore an archive that the ledger does not vouch for, as after the ledger was lost
        type: boolean
        default: false
`,
    permissions: [ledger, readArtifacts, ...tellAndShow],
    inputs: passed('backup environment mode tables target-name confirm database trust-archive'),
    secrets: ['TARGET_URL', 'HOLDFAST_IDENTITY', 'HOLDFAST_SECRETS'],
    isReplaceable: false,
  },
  {
    workflow: 'retention-review',
    name: 'Retention review',
    about: ['Once a quarter: an issue with what is kept, why, and what the rules would delete.'],
    on: `  schedule:
    - cron: '11 6 2 1,4,7,10 *'
  workflow_dispatch:
`,
    permissions: [ledger, readArtifacts, ['issues', 'write', 'the review']],
    inputs: {},
    secrets: ['HOLDFAST_SECRETS'],
    isReplaceable: true,
  },
  {
    workflow: 'status',
    name: 'Status',
    about: ['Evaluates the ledger, tells people when health has changed, and publishes the page.'],
    on: `  schedule:
    - cron: '37 */6 * * *'
  workflow_dispatch:
`,
    permissions: [ledger, ...tellAndShow],
    inputs: {},
    secrets: ['HOLDFAST_SECRETS'],
    isReplaceable: true,
  },
];

/**
 * All of them by their paths.
 *
 * @param holdfast `OWNER/REPO@SHA`
 */
export function callerWorkflows(holdfast: string): Record<string, string> {
  const pathOf = ({ workflow }: Caller) => `.github/workflows/holdfast-${workflow}.yml`;
  return Object.fromEntries(callers.map((caller) => [pathOf(caller), callerText(caller, holdfast)]));
}
