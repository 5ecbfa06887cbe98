import type { Answers } from './answers.ts';

/** The text of `holdfast.yml`. Secrets are in it by their names only. */
export function holdfastYml(answers: Answers, recipients: readonly string[]): string {
  const { database, heartbeat, webhook, siteUrl, holdfast } = answers;
  const alerts = [
    '  issue: true                           # one issue per incident in this repository',
    ...(heartbeat ? ['  heartbeat-url: ${HEARTBEAT_URL}       # rings outside when backups stop'] : []),
    ...(webhook ? ['  webhook-url: ${WEBHOOK_URL}'] : []),
  ];
  const lines = [
    '# What Holdfast backs up, where to, and for how long. Every field: docs/configuration.md of Holdfast.',
    '# Secrets stand here as ${NAME} only, and are set in GitHub.',
    'databases:',
    `  ${database}:`,
    ...sourceLines(answers),
    'stores:',
    ...answers.stores.flatMap((store) => storeLines(store, answers)),
    'encryption:',
    '  recipients:                           # the public halves; who has an identity can decrypt',
    ...recipients.map((recipient) => `    - ${recipient}`),
    ...(runsOnGithub(answers) ? ['ledger: { type: github }'] : []),
    'retention:',
    '  keep-last: 20',
    '  keep-days: 30',
    'alerts:',
    ...alerts,
    ...(siteUrl === null ? [] : ['publish:', `  site-url: ${JSON.stringify(siteUrl)}`]),
    ...(holdfast === null ? [] : [`# The workflows call ${holdfast}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** With artifacts or workflows the history belongs onto a branch; a folder is for a machine of one's own. */
export function runsOnGithub({ stores }: Pick<Answers, 'stores'>): boolean {
  return !stores.every((store) => store === 'directory');
}

function sourceLines({ source, appUrl }: Answers): string[] {
  if (source === 'postgres') return ['    url: ${DATABASE_URL}'];
  return ['    source: crm-api', `    app-url: ${JSON.stringify(appUrl)}`, '    api-key: ${CRM_API_KEY}'];
}

function storeLines(store: Answers['stores'][number], answers: Answers): string[] {
  if (store === 'artifact')
    return [
      '  artifacts:                            # GitHub deletes them after 90 days: a short-lived copy',
      '    type: artifact',
    ];
  if (store === 'directory')
    return ['  disk:', '    type: directory', `    path: ${JSON.stringify(answers.folder)}`];
  return [
    '  bucket:',
    '    type: s3',
    `    bucket: ${JSON.stringify(answers.bucket)}`,
    `    region: ${answers.region}`,
    ...(answers.endpoint === null ? [] : [`    endpoint: ${JSON.stringify(answers.endpoint)}`]),
    '    access-key-id: ${S3_ACCESS_KEY_ID}',
    '    secret-access-key: ${S3_SECRET_ACCESS_KEY}',
  ];
}
