import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Writes the README.md of each action, whose tables say what its action.yml says. */

interface ActionFile {
  name: string;
  description: string;
  inputs?: Record<string, { description: string; default?: string; required?: boolean }>;
  outputs?: Record<string, { description: string }>;
}

const folder = join(import.meta.dirname, '..');
const begin = '<!-- from action.yml: npm run bundle writes it -->';
const end = '<!-- end -->';

/** Names of the actions. */
export function actionNames(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['build', 'dist'].includes(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** What the README of an action should be; text outside of the markers is kept. */
export function readmeOf(name: string): string {
  const action: ActionFile = parse(readFileSync(join(folder, name, 'action.yml'), 'utf8'));
  let before = `# ${action.name}\n\n`;
  let after = '\n';
  try {
    const present = readFileSync(join(folder, name, 'README.md'), 'utf8');
    if (present.includes(begin)) {
      before = present.slice(0, present.indexOf(begin));
      after = present.slice(present.indexOf(end) + end.length);
    }
  } catch {
    // The first time.
  }
  return `${before}${begin}\n\n${tables(action)}\n${end}${after}`;
}

function tables(action: ActionFile): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const inputs = Object.entries(action.inputs ?? {}).map(([name, input]) => {
    const fallback = input.required ? '**required**' : input.default ? `\`${input.default}\`` : '';
    return `| \`${name}\` | ${cell(input.description)} | ${fallback} |`;
  });
  const outputs = Object.entries(action.outputs ?? {}).map(
    ([name, output]) => `| \`${name}\` | ${cell(output.description)} |`,
  );
  return [
    action.description,
    ['| input | what it is | default |', '|---|---|---|', ...inputs].join('\n'),
    ['| output | what it is |', '|---|---|', ...outputs].join('\n'),
    '',
  ].join('\n\n');
}

if (import.meta.main) {
  for (const name of actionNames()) writeFileSync(join(folder, name, 'README.md'), readmeOf(name));
}
