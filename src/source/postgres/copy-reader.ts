import type pg from 'pg';
import { IntegrityError, SourceError } from '../../lib/errors.ts';
import { CopyScanner } from './copy-scanner.ts';
import { blockBytes, type HeldRows } from './row-block.ts';
import { type BorrowedSocket, borrowSocket, type Submittable } from './wire.ts';

export type CopyEvent =
  /** COPY text of one statement, cut at a row end unless a single row is larger than a block. */
  | ({ kind: 'rows'; statement: number } & HeldRows)
  /** All rows of a statement were delivered; the server's own count agrees. */
  | { kind: 'end'; statement: number; rows: number };

/** What may wait for the consumer before the socket is paused. */
const maxWaitingBytes = 2 * blockBytes;

/** One exchange of COPY statements on a client's socket, as `pg` runs one. */
export class CopyReader implements Submittable {
  readonly #client: pg.ClientBase;
  readonly #sql: string;
  readonly #scanner: CopyScanner;
  readonly #limitMs: number;
  #silence: NodeJS.Timeout | undefined;
  #socket: BorrowedSocket | null = null;
  #events: CopyEvent[] = [];
  #waitingBytes = 0;
  #wake: (() => void) | null = null;
  #isDone = false;
  #error: Error | null = null;
  #statement = -1;

  constructor(client: pg.ClientBase, sql: string, limitMs: number) {
    this.#client = client;
    this.#sql = sql;
    this.#limitMs = limitMs;
    this.#scanner = new CopyScanner({
      rows: (held) => {
        this.#waitingBytes += held.bytes.length;
        if (this.#waitingBytes >= maxWaitingBytes) this.#socket!.stream.pause();
        this.#emit({ kind: 'rows', statement: this.#statement, ...held });
      },
      message: (bytes) => this.#take(bytes),
    });
  }

  submit(connection: { query(text: string): void }) {
    this.#silence = setTimeout(this.#silent, this.#limitMs);
    this.#socket = borrowSocket(this.#client, (chunk) => {
      this.#silence!.refresh();
      const behind = this.#scanner.read(chunk);
      if (this.#isDone && behind.length > 0) this.#socket!.forward(behind);
    });
    // A server that ends the session sends an error, after which `pg` tells us nothing more, and no ReadyForQuery.
    this.#socket.stream.once('close', this.#lost);
    connection.query(this.#sql);
  }

  handleError(error: Error) {
    this.#error ??= error;
    // A lost connection sends no ReadyForQuery after the error.
    if (this.#socket?.stream.destroyed !== false) this.#finish();
  }

  handleReadyForQuery() {}

  readonly #lost = () => {
    this.#error ??= new Error('Connection terminated unexpectedly');
    this.#finish();
  };

  readonly #silent = () => {
    // Who does not listen hears nothing.
    if (this.#waitingBytes >= maxWaitingBytes) {
      this.#silence!.refresh();
      return;
    }
    const minutes = Math.round(this.#limitMs / 60_000);
    this.#error ??= new SourceError(
      `The server has sent nothing for ${minutes} minutes, and no error either.`,
      {
        hint: 'Earlier backups are untouched. Look whether the server is stopped or its disk is; then run it again.',
        publicReason: 'the database server stopped answering',
      },
    );
    this.#socket!.stream.destroy();
    this.#finish();
  };

  /** The next event, or null when the exchange is over. */
  async next(): Promise<CopyEvent | null> {
    for (;;) {
      const event = this.#events.shift();
      if (event) {
        if (event.kind === 'rows') this.#resumeAfter(event.bytes.length);
        return event;
      }
      if (this.#isDone) {
        if (this.#error) throw this.#error;
        return null;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Cuts the connection when rows are still under way; after the exchange it does nothing. */
  abandon() {
    if (!this.#isDone) this.#socket?.stream.destroy();
  }

  #resumeAfter(takenBytes: number) {
    const wasPaused = this.#waitingBytes >= maxWaitingBytes;
    this.#waitingBytes -= takenBytes;
    if (!wasPaused || this.#waitingBytes >= maxWaitingBytes) return;
    this.#silence?.refresh();
    this.#socket?.stream.resume();
  }

  #emit(event: CopyEvent) {
    this.#events.push(event);
    this.#wake?.();
  }

  /** @returns false after the last message of the exchange */
  #take(message: Buffer): boolean {
    switch (String.fromCharCode(message[0]!)) {
      case 'H': // CopyOutResponse
        this.#statement += 1;
        this.#scanner.rowCount = 0;
        return true;
      case 'c': // CopyDone
        this.#scanner.flush();
        return true;
      case 'C': // CommandComplete: "COPY 123"
        this.#endStatement(message.toString('latin1', 5, message.length - 1));
        return true;
      case 'Z': // ReadyForQuery
        this.#handBack(message);
        return false;
      default: // errors, notices, changed parameters
        this.#socket!.forward(message);
        return true;
    }
  }

  #endStatement(tag: string) {
    const rows = Number(/^COPY (\d+)$/.exec(tag)?.[1] ?? Number.NaN);
    const { rowCount } = this.#scanner;
    if (rows !== rowCount) {
      this.#error ??= new IntegrityError(`The server says "${tag}" but sent ${rowCount} rows.`, {
        hint: 'The backup was abandoned; earlier backups are untouched. Run it again, and look for a proxy in between.',
        publicReason: 'rows received differ from the number the server counted',
      });
    }
    this.#emit({ kind: 'end', statement: this.#statement, rows: rowCount });
  }

  #handBack(readyForQuery: Buffer) {
    const socket = this.#socket!;
    socket.giveBack();
    socket.stream.off('close', this.#lost);
    this.#finish();
    socket.stream.resume();
    socket.forward(readyForQuery);
  }

  #finish() {
    clearTimeout(this.#silence);
    this.#isDone = true;
    this.#wake?.();
  }
}
