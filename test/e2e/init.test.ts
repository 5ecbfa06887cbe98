import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { complaintsAbout } from '../support/workflow-parser.ts';

/** `holdfast init` as a script runs it. */

const program = fileURLToPath(new URL('../../src/cli/holdfast.mjs', import.meta.url));
const reference = `acme/holdfast@${'c0ffee'.repeat(7).slice(0, 40)}`;

let home: string;
let repository: string;
let identity: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'holdfast-home-'));
  repository = join(home, 'crm');
  identity = join(home, 'holdfast-crm-identity.txt');
  await mkdir(join(repository, '.git'), { recursive: true });
});
afterEach(() => rm(home, { recursive: true, force: true }));

function init(...args: string[]) {
  return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [program, 'init', ...args], {
      cwd: repository,
      env: { PATH: process.env['PATH'] ?? '', HOME: home },
    });
    child.stdin.end();
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      said.stdout += text;
    });
    child.stderr.on('data', (text) => {
      said.stderr += text;
    });
    child.once('close', (code) => resolve({ code, ...said }));
  });
}
const files = async () => {
  const entries = await readdir(repository, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

test('writes a repository that works, and an identity that only its owner can read, outside of it', async () => {
  const said = await init('--yes', '--holdfast-ref', reference, '--postgres-major', '17');
  expect(said.stderr).toBe('');
  expect(said.code).toBe(0);
  const names = (await files()).map((path) => path.slice(repository.length + 1)).sort();
  expect(names).toEqual([
    ...['backup', 'restore-test', 'restore', 'retention-review', 'status', 'verify'].map(
      (name) => `.github/workflows/holdfast-${name}.yml`,
    ),
    'holdfast.yml',
  ]);
  for (const path of await files()) {
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain('AGE-SECRET-KEY');
    if (path.includes('workflows')) expect(await complaintsAbout(text), path).toEqual([]);
  }
  const config = loadConfig(join(repository, 'holdfast.yml'));
  const [recipient] = config.encryption === 'off' ? [] : config.encryption.recipients;
  expect(await readFile(identity, 'utf8')).toContain(`recipient: ${recipient}\nAGE-SECRET-KEY-1`);
  expect((await stat(identity)).mode & 0o777).toBe(0o600);
  expect(said.stdout).toContain('gh secret set DATABASE_URL');
  expect(said.stdout).toContain(`gh secret set HOLDFAST_IDENTITY --env holdfast-proof < ${identity}`);
  expect(said.stdout).toContain(recipient);
  expect(said.stdout).not.toContain('AGE-SECRET-KEY');
});

test('replaces nothing without --force, and never an identity', async () => {
  await writeFile(join(repository, 'holdfast.yml'), '# mine\n');
  const refused = await init('--yes', '--holdfast-ref', reference);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('holdfast.yml exists already. Nothing was written.');
  expect(await files()).toHaveLength(1);
  await writeFile(identity, 'mine\n');
  const again = await init('--yes', '--force', '--holdfast-ref', reference);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('--identity-out');
  expect(await readFile(join(repository, 'holdfast.yml'), 'utf8')).toBe('# mine\n');
  expect(await readFile(identity, 'utf8')).toBe('mine\n');
});

test('takes a recipient that is there, and then makes no key pair', async () => {
  const recipient = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';
  const said = await init('--json', '--holdfast-ref', reference, '--recipient', recipient);
  expect(said.code).toBe(0);
  expect(JSON.parse(said.stdout)).toMatchObject({ recipients: [recipient], identityFile: null });
  expect((await readdir(home)).sort()).toEqual(['crm']);
  const wrong = await init('--yes', '--force', '--holdfast-ref', reference, '--recipient', 'age1nonsense');
  expect(wrong.code).toBe(2);
});

test.each([
  [
    'an identity inside of a repository',
    ['--yes', '--holdfast-ref', reference, '--identity-out', 'identity.txt'],
    'git work tree',
  ],
  ['a tag, which can be moved', ['--yes', '--holdfast-ref', 'acme/holdfast@v1'], '--holdfast-ref'],
  ['questions without a terminal', [], 'There is no terminal'],
  ['a store that lacks its bucket', ['--yes', '--holdfast-ref', reference, '--store', 's3'], '--bucket'],
  [
    'a password in an address',
    ['--yes', '--holdfast-ref', reference, '--source', 'crm-api', '--app-url', 'https://ada:pw@crm.example'],
    'holds a password',
  ],
])('refuses %s, and writes nothing', async (_, args, words) => {
  const said = await init(...args);
  expect(said.code).toBe(2);
  expect(said.stderr).toContain(words);
  expect(await files()).toEqual([]);
  expect((await readdir(home)).sort()).toEqual(['crm']);
});

test('writes no workflows for a folder on a machine of one’s own', async () => {
  const said = await init('--yes', '--store', 'directory', '--folder', '/mnt/backups');
  expect(said.code).toBe(0);
  expect(await files()).toEqual([join(repository, 'holdfast.yml')]);
});
