import type pg from 'pg';
import { IntegrityError } from '../../lib/errors.ts';
import { type BorrowedSocket, borrowSocket, type Submittable } from './wire.ts';

/** Blocks of about this size go on to the digest and the compressor. */
export const blockBytes = 1 << 20;
/** Blocks that may wait for the consumer before the socket is paused. */
const waitingBlocks = 2;

export type CopyEvent =
  /** COPY text of one statement, cut at a row end unless a single row is larger than a block. */
  | { kind: 'rows'; statement: number; bytes: Buffer }
  /** All rows of a statement were delivered; the server's own count agrees. */
  | { kind: 'end'; statement: number; rows: number };

/**
 * Runs one or several `COPY … TO STDOUT;` in a single simple query and yields their rows in blocks. PostgreSQL sends
 * one message per row, so the reader copies payloads straight from the socket's chunks into blocks and makes no object
 * per row; many small tables in one query cost a single round trip.
 *
 * Leaving the loop early destroys the connection.
 *
 * @throws pg's DatabaseError as the server sent it; IntegrityError when the rows seen differ from the server's count
 */
export async function* copyOut(client: pg.ClientBase, sql: string): AsyncGenerator<CopyEvent, void, void> {
  const reader = new CopyReader(client, sql);
  client.query(reader as unknown as pg.Submittable);
  try {
    for (;;) {
      const event = await reader.next();
      if (event === null) return;
      yield event;
    }
  } finally {
    reader.abandon();
  }
}

const messageHeaderBytes = 5;
const copyData = 'd'.charCodeAt(0);

class CopyReader implements Submittable {
  readonly #client: pg.ClientBase;
  readonly #sql: string;
  #socket: BorrowedSocket | null = null;
  #events: CopyEvent[] = [];
  #wake: (() => void) | null = null;
  #isDone = false;
  #error: Error | null = null;

  #statement = -1;
  #rows = 0;
  #block: Buffer | null = null;
  #blockUsed = 0;
  /** Bytes of the current row still to come. */
  #rowRemaining = 0;
  /** A message, or the head of one, that the last chunk ended in. */
  #partial: Buffer | null = null;

  constructor(client: pg.ClientBase, sql: string) {
    this.#client = client;
    this.#sql = sql;
  }

  submit(connection: { query(text: string): void }) {
    this.#socket = borrowSocket(this.#client, (chunk) => this.#read(chunk));
    connection.query(this.#sql);
  }

  handleError(error: Error) {
    this.#error ??= error;
    // A lost connection sends no ReadyForQuery after the error.
    if (this.#socket?.stream.destroyed !== false) this.#finish();
  }

  handleReadyForQuery() {}

  /** The next event, or null when the exchange is over. */
  async next(): Promise<CopyEvent | null> {
    for (;;) {
      const event = this.#events.shift();
      if (event) {
        if (this.#events.length < waitingBlocks) this.#socket?.stream.resume();
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

  #read(chunk: Buffer) {
    let position = 0;
    if (this.#partial) {
      chunk = Buffer.concat([this.#partial, chunk]);
      this.#partial = null;
    }
    while (position < chunk.length) {
      if (this.#rowRemaining > 0) {
        position = this.#takeRow(chunk, position);
        continue;
      }
      if (chunk.length - position < messageHeaderBytes) break;
      const lengthBytes = chunk.readUInt32BE(position + 1) - 4;
      if (chunk[position] === copyData) {
        position += messageHeaderBytes;
        this.#beginRow(lengthBytes);
        continue;
      }
      const end = position + messageHeaderBytes + lengthBytes;
      if (end > chunk.length) break;
      this.#takeMessage(chunk.subarray(position, end));
      position = end;
      if (this.#isDone) {
        if (position < chunk.length) this.#socket!.forward(chunk.subarray(position));
        return;
      }
    }
    if (position < chunk.length) this.#partial = Buffer.from(chunk.subarray(position));
  }

  #beginRow(lengthBytes: number) {
    if (this.#blockUsed > 0 && this.#blockUsed + lengthBytes > blockBytes) this.#emitBlock();
    this.#rowRemaining = lengthBytes;
    this.#rows += 1;
  }

  #takeRow(chunk: Buffer, position: number): number {
    this.#block ??= Buffer.allocUnsafeSlow(blockBytes);
    const size = Math.min(this.#rowRemaining, chunk.length - position, blockBytes - this.#blockUsed);
    chunk.copy(this.#block, this.#blockUsed, position, position + size);
    this.#blockUsed += size;
    this.#rowRemaining -= size;
    if (this.#blockUsed === blockBytes) this.#emitBlock();
    return position + size;
  }

  #emitBlock() {
    this.#emit({
      kind: 'rows',
      statement: this.#statement,
      bytes: this.#block!.subarray(0, this.#blockUsed),
    });
    this.#block = null;
    this.#blockUsed = 0;
  }

  #emit(event: CopyEvent) {
    this.#events.push(event);
    if (this.#events.length >= waitingBlocks) this.#socket!.stream.pause();
    this.#wake?.();
  }

  #takeMessage(message: Buffer) {
    switch (String.fromCharCode(message[0]!)) {
      case 'H': // CopyOutResponse
        this.#statement += 1;
        this.#rows = 0;
        return;
      case 'c': // CopyDone
        if (this.#blockUsed > 0) this.#emitBlock();
        return;
      case 'C': // CommandComplete: "COPY 123"
        return this.#endStatement(message.toString('latin1', messageHeaderBytes, message.length - 1));
      case 'Z': // ReadyForQuery
        return this.#handBack(message);
      default: // errors, notices, changed parameters
        this.#socket!.forward(message);
    }
  }

  #endStatement(tag: string) {
    const rows = Number(/^COPY (\d+)$/.exec(tag)?.[1] ?? Number.NaN);
    if (rows !== this.#rows) {
      this.#error ??= new IntegrityError(`The server says "${tag}" but sent ${this.#rows} rows.`, {
        hint: 'The backup was abandoned; earlier backups are untouched. Run it again, and look for a proxy in between.',
        publicReason: 'rows received differ from the number the server counted',
      });
    }
    this.#emit({ kind: 'end', statement: this.#statement, rows: this.#rows });
  }

  #handBack(readyForQuery: Buffer) {
    const socket = this.#socket!;
    socket.giveBack();
    this.#finish();
    socket.stream.resume();
    socket.forward(readyForQuery);
  }

  #finish() {
    this.#isDone = true;
    this.#wake?.();
  }
}
