import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connected } from './connect.ts';
import { explainPgDump, type PgDumped } from './pg-dump.ts';
import { greeting, kindOfFirstPacket } from './pg-dump-greeting.ts';
import { type BorrowedSocket, borrowSocket } from './wire.ts';

/** Complaints are for people; more than this of them helps nobody. */
const complaintBytes = 8192;

/**
 * Runs an installed pg_dump, as `runPgDump` runs the bundled one: over the connection that `pg` has opened. It reaches
 * it by a Unix socket in a folder of ours that nobody else may enter, so it is given no password, no certificate and no
 * host, and what TLS had to prove was proved once, by `pg`.
 *
 * @throws SourceError with pg_dump's words when it fails
 */
export async function runInstalledPgDump(
  program: string,
  connected: Connected,
  args: string[],
): Promise<PgDumped> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'));
  const door = createServer();
  let visitor: Socket | null = null;
  const upstream = borrowSocket(connected.client, (chunk) => {
    if (visitor?.write(Buffer.from(chunk)) === false) {
      upstream.stream.pause();
      visitor.once('drain', () => upstream.stream.resume());
    }
  });
  upstream.stream.once('close', () => visitor?.destroy());
  door.on('connection', (socket) => {
    // One pg_dump, one session: whoever comes second (a cancel request) has nothing to ask.
    if (visitor || upstream.stream.destroyed) return socket.destroy();
    visitor = socket;
    admit(socket, upstream, connected.parameters);
  });
  try {
    door.listen(join(folder, '.s.PGSQL.5432'));
    await once(door, 'listening');
    return await dump(program, folder, args);
  } finally {
    (visitor as Socket | null)?.destroy();
    door.close();
    upstream.giveBack();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Answers the login, then passes bytes on. */
function admit(socket: Socket, upstream: BorrowedSocket, parameters: Connected['parameters']) {
  socket.on('error', () => {});
  let head = Buffer.alloc(0);
  const pass = (chunk: Buffer) => {
    if (upstream.stream.write(chunk)) return;
    socket.pause();
    upstream.stream.once('drain', () => socket.resume());
  };
  const meet = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    while (head.length >= 8 && head.length >= head.readUInt32BE(0)) {
      const kind = kindOfFirstPacket(head);
      head = head.subarray(head.readUInt32BE(0));
      if (kind === 'cancel') return socket.destroy();
      if (kind === 'negotiation') {
        socket.write('N');
        continue;
      }
      socket.off('data', meet);
      socket.on('data', pass);
      socket.write(greeting(parameters));
      if (head.length > 0) pass(head);
      return;
    }
  };
  socket.on('data', meet);
}

async function dump(program: string, folder: string, args: string[]): Promise<PgDumped> {
  const child = spawn(program, ['--no-password', ...args], {
    // Nothing is inherited: PGOPTIONS, PGSERVICE or a password file would lead elsewhere.
    env: {
      HOME: folder,
      LC_ALL: 'C',
      PGHOST: folder,
      PGPORT: '5432',
      PGUSER: 'postgres',
      PGDATABASE: 'postgres',
      PGSSLMODE: 'disable',
      PGGSSENCMODE: 'disable',
      // Newer releases of libpq would negotiate a protocol that `pg` did not speak at login.
      PGMAXPROTOCOLVERSION: '3.0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const script: Buffer[] = [];
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => script.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    if (complaint.length < complaintBytes) complaint += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw explainPgDump(complaint || 'it was ended by a signal');
  return { script: Buffer.concat(script), complaint };
}
