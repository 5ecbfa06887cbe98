import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A loopback HTTP server for wire-level fakes, in which any request can be made to go wrong. */

export interface FaultRequest {
  method: string;
  /** Decoded path without the query. */
  path: string;
  query: URLSearchParams;
}

/** What goes wrong with one request. Only `drop-after` and `cut` let the request take effect. */
export type Fault =
  | { kind: 'status'; status: number; message?: string; headers?: Record<string, string> }
  /** The connection breaks before anything is done. */
  | { kind: 'reset' }
  /** Everything is done, and the connection breaks before the answer. */
  | { kind: 'drop-after' }
  /** The answer stops in the middle of its body. */
  | { kind: 'cut' }
  | { kind: 'slow'; delayMs: number }
  /** Nothing ever answers. */
  | { kind: 'hang' };

export type FaultHook = (request: FaultRequest) => Fault | null;

/** The fault for the first `times` requests of a kind, such as `'PATCH /git/refs'`; later ones pass. */
export function failing(times: number, what: string | RegExp, fault: Fault): FaultHook {
  let left = times;
  return ({ method, path }) => {
    const line = `${method} ${path}`;
    const [verb, part] = typeof what === 'string' ? what.split(' ', 2) : [];
    const isMeant = typeof what === 'string' ? method === verb && path.includes(part!) : what.test(line);
    if (!isMeant || left === 0) return null;
    left -= 1;
    return fault;
  };
}

/** 403 as GitHub words it when too much is asked at once. */
export const secondaryRateLimit = (retryAfterSeconds = 1): Fault => ({
  kind: 'status',
  status: 403,
  message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
  headers: { 'retry-after': String(retryAfterSeconds) },
});

export interface FaultServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  /** `METHOD /path` of every request, in order, with those that failed. */
  requests: string[];
  fault: FaultHook | null;
  close(): Promise<void>;
}

export async function startFaultServer(
  handle: (request: IncomingMessage, response: ServerResponse, parsed: FaultRequest) => Promise<void>,
): Promise<FaultServer> {
  const http = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://fake');
    const parsed = {
      method: request.method!,
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
    };
    server.requests.push(`${parsed.method} ${parsed.path}`);
    const fault = server.fault?.(parsed) ?? null;
    response.on('error', () => {});
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.kind === 'status') {
      request.resume();
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      return void response.end(
        JSON.stringify({ message: fault.message ?? 'made to fail', msg: fault.message ?? 'made to fail' }),
      );
    }
    if (fault?.kind === 'slow') await delay(fault.delayMs);
    if (fault?.kind === 'drop-after') breakOffInstead(response);
    if (fault?.kind === 'cut') cutInTheMiddle(response);
    try {
      await handle(request, response, parsed);
    } catch (error) {
      // A client that leaves early is no fault of the fake.
      if (request.destroyed && !request.complete) return;
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `the fake itself failed: ${(error as Error).stack}` }));
    }
  });
  const server: FaultServer = {
    url: '',
    requests: [],
    fault: null,
    async close() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return server;
}

function breakOffInstead(response: ServerResponse) {
  response.writeHead = () => response;
  response.write = () => true;
  response.end = () => {
    response.socket?.resetAndDestroy();
    return response;
  };
}

/** The headers promise all of it, and the connection ends after about half of the first piece. */
function cutInTheMiddle(response: ServerResponse) {
  const write = response.write.bind(response) as (bytes: Buffer, done: () => void) => boolean;
  const breakOff = (bytes: unknown) => {
    const whole = Buffer.from(bytes as Buffer);
    response.write = () => true;
    write(whole.subarray(0, Math.ceil(whole.length / 2)), () => response.socket?.resetAndDestroy());
    return true;
  };
  response.write = breakOff as never;
  response.end = ((bytes?: unknown) => {
    if (bytes !== undefined) breakOff(bytes);
    return response;
  }) as never;
}
