import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { actionNames, readmeOf } from '../../actions/build/readme.ts';
import { runAction } from '../support/runner.ts';

/** What must stay true of every action and of the bundle that is committed for it. */

interface Action {
  name: string;
  description: string;
  inputs: Record<string, { description: string; default?: unknown; required?: boolean }>;
  outputs: Record<string, { description: string }>;
  runs: { using: string; main: string };
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'actions');
const dist = join(folder, 'dist');
const names = actionNames();
const actionOf = (name: string): Action => parse(readFileSync(join(folder, name, 'action.yml'), 'utf8'));
const kebab = /^[a-z]+(-[a-z]+)*$/;

/** Relative paths of all files, sorted. */
function filesIn(place: string): string[] {
  const entries = readdirSync(place, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(place.length + 1)).sort();
}

test('the actions that the documents speak of are there', () => {
  const verbs = [
    'backup',
    'doctor',
    'matrix',
    'prune',
    'restore',
    'restore-test',
    'review',
    'status',
    'verify',
  ];
  expect(names).toEqual(verbs);
});

describe.each(names)('%s', (name) => {
  const action = actionOf(name);

  test('runs on Node 24, from a file that is committed', () => {
    expect(action.runs.using).toBe('node24');
    expect(resolve(folder, name, action.runs.main)).toBe(join(dist, `${name}.js`));
    expect(existsSync(join(dist, `${name}.js`))).toBe(true);
  });

  test('names are kebab-case, and each is described', () => {
    for (const [key, { description }] of Object.entries({ ...action.inputs, ...action.outputs })) {
      expect(key).toMatch(kebab);
      expect(description, key).toMatch(/\.$/);
    }
  });

  test('every input has its default here, as text', () => {
    for (const [key, input] of Object.entries(action.inputs)) expect(input.default, key).toBeTypeOf('string');
  });

  test('its code knows exactly the inputs that are declared', async () => {
    const refused = await runAction(name, { inputs: { xyzzyplugh: '1' } });
    expect(refused.exitCode).toBe(2);
    const [error] = refused.annotations;
    expect(error!.message).toContain('There is no input "xyzzyplugh"');
    const known = /There are: (.*)\./.exec(error!.message)![1]!.split(', ');
    expect(known.sort()).toEqual(Object.keys(action.inputs).sort());
  });

  test('its README says what its action.yml says', () => {
    expect(readFileSync(join(folder, name, 'README.md'), 'utf8')).toBe(readmeOf(name));
  });
});

test('an input of the same name is the same in every action', () => {
  const seen = new Map<string, string>();
  for (const name of names) {
    for (const [key, input] of Object.entries(actionOf(name).inputs)) {
      const definition = JSON.stringify(input);
      expect(definition, `${name}: ${key}`).toBe(seen.get(key) ?? definition);
      seen.set(key, definition);
    }
  }
});

describe('the committed bundle', () => {
  let built: string;
  beforeAll(async () => {
    built = await mkdtemp(join(tmpdir(), 'holdfast-dist-'));
    const rolldown = join(root, 'node_modules/rolldown/bin/cli.mjs');
    const config = join(root, 'actions/build/rolldown.config.ts');
    await promisify(execFile)(process.execPath, [rolldown, '-c', config, '--dir', built], { cwd: root });
  });
  afterAll(() => rm(built, { recursive: true }));

  test('is what the source makes, byte by byte', async () => {
    expect(filesIn(dist)).toEqual(filesIn(built));
    const different = filesIn(built).filter(
      (file) => !readFileSync(join(dist, file)).equals(readFileSync(join(built, file))),
    );
    expect(different, 'run npm run bundle, and commit what it makes').toEqual([]);
  });

  test('a change of one byte would be noticed', async () => {
    const file = join(built, 'backup.js');
    const text = await readFile(file);
    await writeFile(file, Buffer.concat([text, Buffer.from('\n')]));
    expect(readFileSync(join(dist, 'backup.js')).equals(readFileSync(file))).toBe(false);
    await writeFile(file, text);
  });

  test('has one file for each action, with what they share in one', () => {
    const entries = filesIn(dist).filter((file) => /^[\w-]+\.js$/.test(file));
    expect(entries).toEqual(expect.arrayContaining([...names.map((name) => `${name}.js`), 'shared.js']));
    expect(filesIn(dist)).toContain('pglite-tools/pg_dump.wasm');
  });

  test('brings the licences of what is in it', () => {
    const licences = readFileSync(join(dist, 'licences.txt'), 'utf8');
    for (const library of ['@actions/core@', 'pg@', 'zod@', 'age-encryption@', '@electric-sql/pglite-tools@'])
      expect(licences).toContain(library);
    expect(licences).toContain('Permission is hereby granted');
    const silent = [...licences.matchAll(/^(.*)\n-+\nLicence: not stated/gm)].map(([, name]) => name);
    // Its author says nothing anywhere.
    expect(silent).toEqual(['buffers@0.1.1']);
  });

  test('tells neither of the machine that made it nor any secret', () => {
    const secret =
      /AGE-SECRET-KEY-1[0-9A-Z]{58}|PRIVATE KEY-----\n[\w+/]{16}|gh[pousr]_\w{36}|AKIA[0-9A-Z]{16}/;
    for (const file of filesIn(dist)) {
      const text = readFileSync(join(dist, file), 'latin1');
      expect(text.includes(root.replace(/\/$/, '')), file).toBe(false);
      expect(secret.test(text), file).toBe(false);
    }
  });
});
