/** One workflow that calls one of ours, as text. */
export interface Caller {
  /** Of ours, such as `backup`; the caller is `holdfast-backup.yml`. */
  workflow: string;
  name: string;
  /** What it is for, a line each. */
  about: readonly string[];
  /** YAML below `on:`, indented by two spaces. */
  on: string;
  /** What the called jobs ask for: they can't have more than this. */
  permissions: readonly (readonly [scope: string, level: 'read' | 'write', why: string])[];
  /** Inputs that are passed on. */
  inputs: Readonly<Record<string, string>>;
  secrets: readonly string[];
  /** Newer waiting runs may replace older ones. Left out where each run counts: the called jobs queue them. */
  isReplaceable: boolean;
}

export function callerText(caller: Caller, holdfast: string): string {
  const { workflow, name, about, on, permissions, inputs, secrets, isReplaceable } = caller;
  const [repository, commit] = holdfast.split('@');
  const lines = [
    ...about.map((line) => `# ${line}`),
    '# Written by `holdfast init`. To update Holdfast, change the commit in all of its workflows.',
    `name: ${name}`,
    'on:',
    on.trimEnd(),
    '',
    'permissions: {}',
    '',
    ...(isReplaceable
      ? ['concurrency:', `  group: holdfast-${workflow}-run`, '  cancel-in-progress: false', '']
      : []),
    'jobs:',
    `  ${workflow}:`,
    '    permissions:',
    ...permissions.map(([scope, level, why]) => `      ${scope}: ${level} # ${why}`),
    `    uses: ${repository}/.github/workflows/${workflow}.yml@${commit}`,
    ...section('with', Object.entries(inputs)),
    ...section(
      'secrets',
      secrets.map((secret) => [secret, `\${{ secrets.${secret} }}`]),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function section(title: string, entries: readonly (readonly [string, string])[]): string[] {
  if (entries.length === 0) return [];
  return [`    ${title}:`, ...entries.map(([name, value]) => `      ${name}: ${value}`)];
}
