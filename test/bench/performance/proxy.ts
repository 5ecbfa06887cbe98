import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way to a server that is not the loopback itself. */
export interface Detour {
  /** On 127.0.0.1. */
  port: number;
  /** When the last session began to ask for rows, by `performance.now()`; null before. */
  firstRowsAt: number | null;
  close(): void;
}

/**
 * A detour on which bytes take half of a round trip in each direction, and as many may be under way as like.
 */
export async function startDetour(to: { host: string; port: number }, roundTripMs: number): Promise<Detour> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to);
    client.on('data', (bytes) => {
      if (detour.firstRowsAt === null && bytes.includes('COPY ')) detour.firstRowsAt = performance.now();
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      later(socket, other, roundTripMs / 2);
      socket.on('close', () => open.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const detour: Detour = {
    port: (server.address() as AddressInfo).port,
    firstRowsAt: null,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
  return detour;
}

function later(from: Socket, to: Socket, delayMs: number) {
  const pass = (bytes: Buffer) => {
    if (to.destroyed || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  };
  // A timer waits for a millisecond at least.
  from.on('data', delayMs === 0 ? pass : (bytes) => setTimeout(pass, delayMs, bytes));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroy(), delayMs));
}
