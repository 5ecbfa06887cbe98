import type { Socket } from 'node:net';
import type pg from 'pg';
import { drained } from '../../lib/drained.ts';
import { connectionOf, type Submittable } from './wire.ts';

/**
 * Runs statements of which some are `COPY … FROM STDIN`, in a single simple query and thus in one transaction, and sends
 * their rows without waiting for the server to ask: however many small tables there are, they cost one round trip.
 * A server that refuses one throws away what comes after it, as its protocol says.
 */
export class CopyIn implements Submittable {
  /** Resolves when the server has committed; rejects with what it says, or with the loss of the connection. */
  readonly finished: Promise<void>;
  /** What `finished` will reject with; null while nothing is known. */
  error: Error | null = null;
  /** Statements that the server is done with, in their order. */
  completed = 0;
  readonly #stream: Socket;
  readonly #sql: string;
  #settle: { resolve(): void; reject(error: Error): void } | null = null;

  constructor(client: pg.ClientBase, statements: readonly string[]) {
    this.#stream = connectionOf(client).stream;
    this.#sql = statements.join(';\n');
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Whoever sends rows meets the error there first.
    this.finished.catch(() => {});
    client.query(this as unknown as pg.Submittable);
  }

  submit(connection: { query(text: string): void }) {
    connection.query(this.#sql);
  }

  /** Sends rows of the current COPY. Resolves when there is room for more, or nothing more will be taken. */
  async rows(bytes: Uint8Array): Promise<void> {
    if (this.error !== null || this.#stream.destroyed) return;
    this.#stream.cork();
    this.#stream.write(head('d', bytes.length));
    const hasRoom = this.#stream.write(bytes);
    this.#stream.uncork();
    if (!hasRoom) await drained(this.#stream);
  }

  /** Ends the current COPY; rows that follow belong to the next. */
  end(): void {
    if (this.error === null && !this.#stream.destroyed) this.#stream.write(head('c', 0));
  }

  handleCopyInResponse() {}

  handleCommandComplete() {
    this.completed += 1;
  }

  handleError(error: Error) {
    this.error ??= error;
    this.#settle!.reject(error);
  }

  handleReadyForQuery() {
    this.#settle!.resolve();
  }
}

function head(kind: 'd' | 'c', sizeBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(5);
  bytes.write(kind, 0, 'latin1');
  bytes.writeUInt32BE(sizeBytes + 4, 1);
  return bytes;
}
