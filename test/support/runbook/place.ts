import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newDatabase, run } from '../servers.ts';

/** A checkout in which the commands of the runbook are typed one after another, in one shell. */
export interface RunbookPlace extends AsyncDisposable {
  folder: string;
  url: string;
  /** Runs a script in the shell; what it exports, the next one finds. */
  type(script: string, answers?: readonly string[]): Promise<{ code: number | null; output: string }>;
  /** The same, which must succeed; what it printed on stdout. */
  must(script: string): Promise<string>;
  /** Another database on the same server. */
  urlOf(database: string): string;
}

const program = fileURLToPath(new URL('../../../src/cli/holdfast.mjs', import.meta.url));

/** With two stores, keys that `keygen` made, and a small CRM. */
export async function openRunbookPlace(): Promise<RunbookPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-runbook-'));
  const url = await newDatabase(18);
  await run(
    url,
    `CREATE TABLE enquiries (id int PRIMARY KEY, note text); INSERT INTO enquiries SELECT i, md5(i::text) FROM generate_series(1, 500) i`,
  );
  const scripts = { holdfast: `'${process.execPath}' '${program}'` };
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'crm', private: true, scripts }));
  await mkdir(join(folder, '.shell'));
  const state = join(folder, '.shell/state');
  await writeFile(state, '');
  const type: RunbookPlace['type'] = async (script, answers) => {
    const file = join(folder, '.shell/script');
    // Not exported in the document are only the recipients that it shows how to take up.
    await writeFile(
      file,
      `set -euo pipefail\nset -a\n. '${state}'\ntrap "export -p > '${state}'" EXIT\n${script}\n`,
    );
    // A terminal for what asks; `script` gives it one.
    const child = answers
      ? spawn('script', ['-qec', `bash '${file}'`, '/dev/null'], { cwd: folder, env: shellEnv() })
      : spawn('bash', [file], { cwd: folder, env: shellEnv() });
    let output = '';
    const wanted = [...(answers ?? [])];
    const take = (text: Buffer) => {
      output += text;
      // Each answer is typed when it is asked for.
      if (wanted[0] !== undefined && /Type (RESTORE|the name)[^\n]*: $/.test(output))
        child.stdin.write(`${wanted.shift()}\n`);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    if (!answers) child.stdin.end();
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, output };
  };
  const must = async (script: string) => {
    const { code, output } = await type(`${script} > .shell/out`);
    if (code !== 0) throw new Error(`${script}: ${code}\n${output}`);
    return (await readFile(join(folder, '.shell/out'), 'utf8')).trim();
  };
  const recipient = await must('npm run -s holdfast -- keygen');
  await writeFile(
    join(folder, 'holdfast.yml'),
    `databases:
  crm: { url: '\${DATABASE_URL}' }
stores:
  disk: { type: directory, path: disk }
  offsite: { type: directory, path: offsite }
encryption: { recipients: [${recipient}] }
ledger: { type: directory, path: ledger }
`,
  );
  return {
    folder,
    url,
    type,
    must,
    urlOf(database) {
      const other = new URL(url);
      other.pathname = `/${database}`;
      return other.href;
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

function shellEnv() {
  return { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), TERM: 'dumb' };
}
