import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between us and a server, and does to the connections what networks do. */
export interface TcpProxy extends AsyncDisposable {
  /** The URL with this proxy in the place of the server. */
  through(url: string): string;
  /** Bytes that the server has sent so far. */
  receivedBytes: number;
  /** Breaks every connection. */
  cut(): void;
  /** Breaks every connection, now and from now on. */
  cutForGood(): void;
  /** From now on nothing goes through, and nobody is told. */
  swallow(): void;
  /** No longer than so many bytes a second come from the server. */
  bytesPerSecond: number | null;
}

export async function startTcpProxy(serverUrl: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  let isCut = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  };
  const listener = createServer((client) => {
    if (isCut) return void client.resetAndDestroy();
    const server = connect(Number(port), hostname);
    keep(client);
    keep(server);
    client.on('data', (bytes) => {
      if (!isSwallowing) server.write(bytes);
    });
    server.on('data', (bytes) => {
      proxy.receivedBytes += bytes.length;
      if (isSwallowing) return;
      client.write(bytes);
      if (proxy.bytesPerSecond === null) return;
      server.pause();
      setTimeout(() => server.resume(), (bytes.length / proxy.bytesPerSecond) * 1000);
    });
    client.once('close', () => server.destroy());
    server.once('close', () => {
      if (!isSwallowing) client.destroy();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const own = String((listener.address() as AddressInfo).port);
  const proxy: TcpProxy = {
    receivedBytes: 0,
    bytesPerSecond: null,
    through(url) {
      const changed = new URL(url);
      changed.port = own;
      return changed.href;
    },
    cut() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    cutForGood() {
      isCut = true;
      proxy.cut();
    },
    swallow() {
      isSwallowing = true;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
  return proxy;
}
