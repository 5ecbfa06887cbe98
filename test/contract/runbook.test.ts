import { globSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadCommands } from '../../src/cli/commands.ts';
import { blocksOf, fillIn } from '../support/runbook/blocks.ts';

/**
 * At night nobody wants to find out that a command was renamed. The documents whose commands are executed as they stand (by
 * test/workflows/runbook.test.ts) say which can't be; those are held against the workflows here.
 */

const executed = ['docs/runbook.md', 'docs/keys.md', 'docs/upgrade.md'];
const documents = [
  'README.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  ...globSync('docs/**/*.md'),
  ...globSync('src/**/*.md'),
];
const blocks = executed.flatMap((file) => blocksOf(file).map((block) => ({ ...block, file })));
const runbook = readFileSync('docs/runbook.md', 'utf8');
const workflows = globSync('.github/workflows/*.yml').map((file) => readFileSync(file, 'utf8'));
const commands = await loadCommands(['--help'], new AbortController().signal);

interface Input {
  type?: string;
  options?: string[];
}
const inputsOf = (file: string): Record<string, Input> =>
  parse(readFileSync(`.github/workflows/${file}`, 'utf8')).on.workflow_dispatch?.inputs ?? {};

test('what needs GitHub says so, and nothing else does', () => {
  for (const { file, line, text, needsGitHub } of blocks)
    expect([`${file}:${line}`, needsGitHub]).toEqual([`${file}:${line}`, /^(gh|git) /m.test(text)]);
  expect(blocks.filter(({ needsGitHub }) => needsGitHub).length).toBeLessThan(blocks.length / 3);
});

test('only marked lines hold something to fill in', () => {
  for (const { file, line, text } of blocks) {
    const rest = text.replaceAll(fillIn, '');
    expect([`${file}:${line}`, rest.match(/password@|\b20\d{6}T\d{6}Z|\bHOST\b|\bUSER\b|…/)]).toEqual([
      `${file}:${line}`,
      null,
    ]);
  }
});

describe.each(blocks.filter(({ needsGitHub }) => needsGitHub))('$file:$line', ({ text }) => {
  const named = (pattern: RegExp) => [...text.matchAll(pattern)];
  test('its workflows, inputs, secrets and variables exist', () => {
    for (const [, file, given] of named(/gh workflow run (\S+)(.*)/g)) {
      const inputs = inputsOf(file!);
      for (const [, name, value] of given!.matchAll(/-f ([\w-]+)=(\S+)/g)) {
        expect(Object.keys(inputs), `${file}: ${name}`).toContain(name);
        if (inputs[name!]!.type === 'choice') expect(inputs[name!]!.options).toContain(value);
      }
    }
    for (const [, file] of named(/--workflow (\S+)|gh workflow (?:enable|disable) (\S+)/g).map((all) => [
      '',
      all[1] ?? all[2],
    ]))
      expect(workflows.length && readFileSync(`.github/workflows/${file}`, 'utf8')).toBeTruthy();
    for (const [, name] of named(/gh secret set (\w+)/g))
      expect(
        workflows.some((workflow) => workflow.includes(`secrets.${name}`)),
        name,
      ).toBe(true);
    for (const [, name] of named(/gh variable set (\w+)/g))
      expect(
        workflows.some((workflow) => workflow.includes(`vars.${name}`)),
        name,
      ).toBe(true);
  });
});

/** Every `holdfast VERB …` in a text, up to the end of its line or of its code span. */
function callsIn(text: string) {
  const calls = [...text.matchAll(/(?:holdfast|holdfast --) ([a-z][a-z-]+)((?: [^\n`#|]*)?)/g)];
  return calls.map(([call, name, rest]) => ({ call, name: name!, rest: rest! }));
}

function optionsOf(command: Command): string[] {
  const own = command.options.flatMap(({ long, short }) => [long, short].filter((each) => each != null));
  return [...own, '--help', ...command.commands.flatMap(optionsOf)];
}

test.each(documents)('%s: every command and option in it exists', (file) => {
  const code = [...readFileSync(file, 'utf8').matchAll(/```[\s\S]*?```|`[^`\n]+`/g)]
    .map(([span]) => span)
    .join('\n');
  for (const { call, name, rest } of callsIn(code)) {
    const command = commands.find((each) => each.name() === name);
    // Words such as those of a branch or a repository's folder are no calls.
    if (!command && !/npm run -s holdfast -- /.test(call)) continue;
    expect(command, call).toBeDefined();
    for (const [option] of rest.matchAll(/(?<=\s)--?[a-z][a-z-]*/g))
      expect(optionsOf(command!), call).toContain(option);
  }
});

test('it names its sections at the top, and has one for each trouble', () => {
  const headings = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading!);
  const listed = [...runbook.matchAll(/^\d+\. \[(.+)\]\(#(.+)\)$/gm)];
  expect(listed.map(([, heading]) => heading)).toEqual(headings);
  for (const [, heading, anchor] of listed) expect(anchor).toBe(heading!.toLowerCase().replaceAll(' ', '-'));
  expect(headings).toHaveLength(13);
});
