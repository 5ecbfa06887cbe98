import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';

const program = fileURLToPath(new URL('../../src/cli/holdfast.mjs', import.meta.url));

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A folder with a configuration, in which the command line is run as a user would. */
export interface CliFolder extends AsyncDisposable {
  folder: string;
  identityFile: string;
  recipient: string;
  /** Replaces holdfast.yml. */
  configure(yaml: string): Promise<void>;
  holdfast(args: string[], env?: Record<string, string>): Promise<CliResult>;
  /** The same, but running: for signals. */
  start(
    args: string[],
    env?: Record<string, string>,
  ): { child: ChildProcessWithoutNullStreams; ended: Promise<CliResult> };
  /** Every file below the folder, relative. */
  files(): Promise<string[]>;
  ledger(): Promise<Record<string, unknown>[]>;
}

export function config(recipient: string, extra = ''): string {
  return `databases:
  crm:
    url: \${DATABASE_URL}
stores:
  disk: { type: directory, path: store }
encryption:
  recipients: [${recipient}]
ledger: { type: directory, path: ledger }
${extra}`;
}

export async function openCliFolder(): Promise<CliFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-'));
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  const identityFile = join(folder, 'identity.txt');
  await writeFile(identityFile, `${identity}\n`);
  const configure = (yaml: string) => writeFile(join(folder, 'holdfast.yml'), yaml);
  await configure(config(recipient));
  const start: CliFolder['start'] = (args, env = {}) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...env },
    });
    child.stdin.end();
    const result: CliResult = { code: null, stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      result.stdout += text;
    });
    child.stderr.on('data', (text) => {
      result.stderr += text;
    });
    const ended = new Promise<CliResult>((resolve) =>
      child.once('close', (code) => resolve({ ...result, code })),
    );
    return { child, ended };
  };
  return {
    folder,
    identityFile,
    recipient,
    configure,
    start,
    holdfast: (args, env) => start(args, env).ended,
    async files() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort();
    },
    async ledger() {
      const names = await readdir(join(folder, 'ledger')).catch(() => []);
      const texts = await Promise.all(
        names.sort().map((name) => readFile(join(folder, 'ledger', name), 'utf8')),
      );
      return texts.flatMap((text) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      );
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
