import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** What a newcomer runs first. */

const program = fileURLToPath(new URL('../../src/cli/holdfast.mjs', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-demo-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const demo = (...args: string[]) => [program, 'demo', '--dir', folder, '--enquiries', '300', ...args];

/** PostgreSQL servers whose data lies in our kind of folder and that belong to the process. */
function serversOf(parent: number | undefined): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,ppid,args']).toString().split('\n');
  const below = new Set([String(parent)]);
  return lines.filter((line) => {
    const [pid = '', ppid = ''] = line.trim().split(/\s+/);
    if (!below.has(ppid)) return false;
    below.add(pid);
    return line.includes('postgres');
  });
}

test('--no-serve ends by itself; a second run adds to the history', () => {
  for (const runs of [1, 2]) {
    const output = execFileSync(process.execPath, demo('--no-serve'), {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    expect(output).toMatch(/^Good$/m);
    const listed = execFileSync(
      process.execPath,
      [program, 'list', '--json', '--config', join(folder, 'holdfast.yml')],
      { encoding: 'utf8' },
    );
    const { backups } = JSON.parse(listed);
    expect(backups).toHaveLength(runs);
    expect(backups[0].rung).toBe('restored');
  }
  expect(existsSync(join(folder, 'page', 'index.html'))).toBe(true);
});

test('the page is served until Ctrl-C, which leaves no process behind', async () => {
  const child = spawn(process.execPath, demo('--port', '4499'), { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      const found = /The page: (\S+)/.exec(output)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`the demo ended: ${output}`)));
  });
  const page = await (await fetch(url)).text();
  expect(page).toContain('Good');
  expect(page).toContain(
    (await readFile(join(folder, 'page', 'status.json'), 'utf8')).match(/crm-\w+-\w+/)![0],
  );
  expect(serversOf(child.pid)).not.toEqual([]);
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(serversOf(child.pid)).toEqual([]);
});
