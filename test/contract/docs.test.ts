import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';

/** Documents that lead nowhere, or leave out what there is, cost somebody the night. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = ['.', 'docs', 'docs/decisions', 'src', 'src/archive', 'site'];
const files = [
  ...folders.flatMap((folder) => globSync(join(folder, '*.md'), { cwd: root })),
  ...globSync('actions/*/README.md', { cwd: root }),
];
const textOf = (file: string) => readFileSync(join(root, file), 'utf8');

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('there are documents to look at', () => expect(files.length).toBeGreaterThan(15));

describe.each(files)('%s', (file) => {
  test('its links lead somewhere', () => {
    const links = [...textOf(file).matchAll(/\]\((?!https?:|mailto:)([^)\s]+)\)/g)].map(
      ([, target]) => target!,
    );
    for (const link of links) {
      const [path, anchor] = link.split('#') as [string, string?];
      const target = path === '' ? file : join(dirname(file), path);
      expect(existsSync(join(root, target)), `${link} in ${file}`).toBe(true);
      if (anchor && target.endsWith('.md')) expect(anchorsOf(textOf(target)), link).toContain(anchor);
    }
  });
});

test('every field of the configuration is in its document', () => {
  const text = textOf('docs/configuration.md');
  for (const field of Object.keys(configSchema.shape)) expect(text).toMatch(new RegExp(`^${field}:`, 'm'));
});

test('every command is in a document', () => {
  const all = files.map(textOf).join('\n');
  const help = execFileSync(process.execPath, [join(root, 'src/cli/holdfast.mjs'), '--help'], {
    encoding: 'utf8',
  });
  const commands = [...help.matchAll(/^ {2}([a-z-]+)(?: |$)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help');
  expect(commands.length).toBeGreaterThan(12);
  const missing = commands.filter((name) => !new RegExp(`(holdfast|--|run) ${name}\\b`).test(all));
  expect(missing).toEqual([]);
});
