import { expect, test } from 'vitest';
import { loadCommands } from '../../src/cli/commands.ts';

const { signal } = new AbortController();
const all = (await loadCommands([], signal)).map((command) => command.name());

test('help knows every command', async () => {
  expect(all.length).toBeGreaterThan(20);
  expect(new Set(all).size).toBe(all.length);
  expect((await loadCommands(['--help'], signal)).map((command) => command.name())).toEqual(all);
  expect((await loadCommands(['help', 'backup'], signal)).map((command) => command.name())).toEqual(all);
});

test.each(all)('%s is found by its own name, and nothing else is loaded for it', async (name) => {
  expect((await loadCommands([name, '--help'], signal)).map((command) => command.name())).toEqual([name]);
});
