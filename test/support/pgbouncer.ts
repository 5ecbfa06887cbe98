import { spawn } from 'node:child_process';
import { chownSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { serverAccount } from '../../src/scratch/account.ts';
import { freePort } from '../../src/scratch/port.ts';

export interface Pooler extends AsyncDisposable {
  /** The database of the URL it was started with, through the pooler. */
  url: string;
}

/** A real PgBouncer in front of a database. It asks nobody for a password and logs in with the URL's. */
export async function startPgBouncer(
  behind: string,
  settings: Record<string, string | number>,
): Promise<Pooler> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-pgbouncer-'));
  const account = serverAccount();
  const port = await freePort();
  const { hostname, port: serverPort, username, password, pathname } = new URL(behind);
  const file = join(folder, 'pgbouncer.ini');
  const all = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    ...settings,
  };
  await writeFile(
    file,
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort} user=${username} password='${password}'`,
      '[pgbouncer]',
      ...Object.entries(all).map(([name, value]) => `${name} = ${value}`),
    ].join('\n'),
    { mode: 0o600 },
  );
  if (account) for (const path of [folder, file]) chownSync(path, account.uid, account.gid);
  const child = spawn('pgbouncer', ['-q', file], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (text) => {
    log += text;
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `postgres://postgres@127.0.0.1:${port}${pathname}`;
  for (const deadline = Date.now() + 20_000; ; await delay(20)) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return { url, [Symbol.asyncDispose]: stop };
    } catch (error) {
      await client.end().catch(() => {});
      if (child.exitCode === null && Date.now() < deadline) continue;
      await stop();
      throw new Error(`PgBouncer did not start: ${log || (error as Error).message}`);
    }
  }
}
