import type { Socket } from 'node:net';
import type pg from 'pg';

/**
 * The one place that knows the inside of `pg`: its connection's socket, on which the COPY reader and pg_dump speak
 * the protocol themselves once `pg` has done TLS and authentication.
 */

interface PgConnection {
  stream: Socket;
  query(text: string): void;
}

/** What `Client.query` accepts besides text: an object that drives one exchange. */
export interface Submittable {
  submit(connection: PgConnection): void;
  handleError(error: Error): void;
  handleReadyForQuery(): void;
}

export function connectionOf(client: pg.ClientBase): PgConnection {
  return (client as unknown as { connection: PgConnection }).connection;
}

/** Exclusive use of a client's socket. */
export interface BorrowedSocket {
  stream: Socket;
  /** Hands bytes to `pg`'s own parser, such as an error or a notice that it should turn into its objects. */
  forward(bytes: Buffer): void;
  /** Ends the loan; what follows goes to `pg` again. */
  giveBack(): void;
}

/** Takes the socket's bytes away from `pg`. The client must be idle: between ReadyForQuery and the next query. */
export function borrowSocket(client: pg.ClientBase, onData: (chunk: Buffer) => void): BorrowedSocket {
  const { stream } = connectionOf(client);
  const owners = stream.listeners('data') as ((chunk: Buffer) => void)[];
  stream.removeAllListeners('data');
  stream.on('data', onData);
  return {
    stream,
    forward: (bytes) => {
      for (const owner of owners) owner.call(stream, bytes);
    },
    giveBack: () => {
      stream.off('data', onData);
      for (const owner of owners) stream.on('data', owner);
    },
  };
}
