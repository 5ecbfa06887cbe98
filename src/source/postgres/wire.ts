import { Socket } from 'node:net';
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

/** One read of this size fits the processor's caches; measured faster than 256 KB and 1 MB. */
const readBytes = 64 * 1024;

/**
 * A socket that reads into the same memory again and again: at a new buffer for each read, collecting garbage costs as
 * much as all that is done with the rows. TLS reads past it, because Node has no such thing for a socket given to it.
 */
export class ReusingSocket extends Socket {
  /** Takes what arrives instead of the listeners of `data`, and has to be done with it when it returns. */
  taker: ((chunk: Buffer) => void) | null = null;

  constructor() {
    super({
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (sizeBytes, buffer) => {
          const chunk = (buffer as Buffer).subarray(0, sizeBytes);
          if (this.taker) this.taker(chunk);
          else this.emit('data', Buffer.from(chunk));
          return true;
        },
      },
    });
  }
}

/** Exclusive use of a client's socket. */
export interface BorrowedSocket {
  stream: Socket;
  /** Hands bytes to `pg`'s own parser, such as an error or a notice that it should turn into its objects. */
  forward(bytes: Buffer): void;
  /** Ends the loan; what follows goes to `pg` again. */
  giveBack(): void;
}

/**
 * Takes the socket's bytes away from `pg`. The client must be idle: between ReadyForQuery and the next query.
 *
 * @param onData must be done with a chunk, or have copied it, when it returns
 */
export function borrowSocket(client: pg.ClientBase, onData: (chunk: Buffer) => void): BorrowedSocket {
  const { stream } = connectionOf(client);
  const owners = stream.listeners('data') as ((chunk: Buffer) => void)[];
  // `pg`'s parser keeps what it can't parse yet.
  const forward = (bytes: Buffer) => {
    for (const owner of owners) owner.call(stream, Buffer.from(bytes));
  };
  if (stream instanceof ReusingSocket) {
    stream.taker = onData;
    return {
      stream,
      forward,
      giveBack: () => {
        stream.taker = null;
      },
    };
  }
  stream.removeAllListeners('data');
  stream.on('data', onData);
  return {
    stream,
    forward,
    giveBack: () => {
      stream.off('data', onData);
      for (const owner of owners) stream.on('data', owner);
    },
  };
}
