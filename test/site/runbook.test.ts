import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** At night nobody wants to find out that a command was renamed. */

const runbook = readFileSync('docs/runbook.md', 'utf8');
const commands = [...runbook.matchAll(/npm run -s holdfast -- ([a-z-]+)([^\n`]*)/g)].map(
  ([, verb, rest]) => ({
    verb: verb!,
    options: [...rest!.matchAll(/--[a-z-]+/g)].map((match) => match[0]),
  }),
);
const verbs = [...new Set(commands.map((command) => command.verb))];

test.each(verbs)('every option that it gives to %s exists', (verb) => {
  const help = spawnSync(process.execPath, ['src/cli/holdfast.mjs', verb, '--help'], { encoding: 'utf8' });
  expect(help.status, help.stderr).toBe(0);
  expect(help.stdout).toContain(`holdfast ${verb}`);
  for (const option of commands.filter((command) => command.verb === verb).flatMap((each) => each.options)) {
    expect(help.stdout).toContain(option);
  }
});

test('it covers the troubles that it should', () => {
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings).toHaveLength(8);
  for (const heading of headings) {
    const anchor = heading!.toLowerCase().replaceAll(' ', '-');
    expect(runbook).toContain(`(#${anchor})`);
  }
});
