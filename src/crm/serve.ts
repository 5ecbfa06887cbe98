import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onAbort } from '../lib/on-abort.ts';
import type { BackupEndpoint } from './endpoint.ts';

/** A slow or silent client holds no connection for longer; a body here is a few bytes. Milliseconds. */
const requestTimeoutMs = 30_000;

/**
 * Serves the endpoint by itself, for trying it out; in a CRM the handlers are mounted in its own server.
 *
 * @param port 0 for any free one
 * @param host default 127.0.0.1: the key travels in clear, so leave it there
 * @param signal ends the server, and the requests that are still running
 * @returns the URL without the endpoint's path, and `closed`, which resolves when the server has ended
 */
export async function serveCrm(options: {
  endpoint: Pick<BackupEndpoint, 'handle'>;
  port: number;
  host?: string;
  signal: AbortSignal;
}): Promise<{ url: string; closed: Promise<void> }> {
  const { endpoint, port, host = '127.0.0.1', signal } = options;
  signal.throwIfAborted();
  const server = createServer({ requestTimeout: requestTimeoutMs }, (incoming, outgoing) => {
    answer(endpoint, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(port, host);
  await once(server, 'listening');
  const closed = once(server, 'close').then(() => {});
  const end = () => {
    server.close();
    server.closeAllConnections();
  };
  onAbort(signal, end);
  const { port: actual } = server.address() as AddressInfo;
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}`, closed };
}

async function answer(
  endpoint: Pick<BackupEndpoint, 'handle'>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const response = await endpoint.handle(requestOf(incoming));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
}

function requestOf(incoming: IncomingMessage): Request {
  const headers = new Headers();
  for (let place = 0; place < incoming.rawHeaders.length; place += 2) {
    headers.append(incoming.rawHeaders[place]!, incoming.rawHeaders[place + 1]!);
  }
  // There is no proxy in front: who is at the other end is known, and not to be taken from a header.
  headers.set('x-forwarded-for', incoming.socket.remoteAddress ?? '');
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const path = incoming.url?.startsWith('/') ? incoming.url : '/';
  return new Request(`http://localhost${path}`, {
    method,
    headers,
    ...(hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' } : {}),
  } as RequestInit);
}
