import { blockBytes, type HeldRows, RowBlock } from './row-block.ts';

/** Who is told what the scanner finds. */
export interface CopyListener {
  /** Rows, cut at a row end unless a single row is larger than a block. */
  rows(held: HeldRows): void;
  /** Any other message, whole. @returns whether what follows is still ours to read */
  message(bytes: Buffer): boolean;
}

const nothing = Buffer.alloc(0);
const headBytes = 5;
const copyData = 'd'.charCodeAt(0);
/** Below it, a loop is faster than a call of Buffer.copy. */
const shortBytes = 80;

/**
 * Takes the server's side of COPY apart, whatever the chunks it comes in. PostgreSQL sends a message per row, so this goes
 * from row to row without making an object: that is most of what reading costs.
 */
export class CopyScanner {
  /** Rows begun since the caller last set it to 0. */
  rowCount = 0;
  readonly #listener: CopyListener;
  #block: RowBlock | null = null;
  /** Bytes of the current row still to come. */
  #rowRemaining = 0;
  /** A message that the last chunk ended in; of a row's, only what is not the row. */
  #partial = nothing;

  constructor(listener: CopyListener) {
    this.#listener = listener;
  }

  /** Takes a chunk; returns what of it lies behind the last message that is ours. */
  read(chunk: Buffer): Buffer {
    let at = 0;
    if (this.#partial.length > 0) {
      chunk = Buffer.concat([this.#partial, chunk]);
      this.#partial = nothing;
    }
    const end = chunk.length;
    while (at < end) {
      if (this.#rowRemaining > 0) {
        at = this.#takeRow(chunk, at);
        continue;
      }
      if (end - at < headBytes) break;
      const lengthBytes = chunk.readUInt32BE(at + 1) - 4;
      if (chunk[at] === copyData) {
        at += headBytes;
        this.rowCount += 1;
        this.#rowRemaining = lengthBytes;
        const usedBytes = this.#block?.usedBytes ?? 0;
        if (usedBytes > 0 && usedBytes + lengthBytes > blockBytes) this.#closeBlock();
        continue;
      }
      const next = at + headBytes + lengthBytes;
      if (next > end) break;
      if (!this.#listener.message(chunk.subarray(at, next))) return chunk.subarray(next);
      at = next;
    }
    if (at < end) this.#partial = Buffer.from(chunk.subarray(at));
    return nothing;
  }

  /** Hands out the rows so far, though the block is not full. */
  flush() {
    const held = this.#block?.handOut();
    if (held) this.#listener.rows(held);
  }

  #takeRow(chunk: Buffer, at: number): number {
    this.#block ??= new RowBlock();
    const block = this.#block;
    const { memory, usedBytes } = block;
    const size = Math.min(this.#rowRemaining, chunk.length - at, blockBytes - usedBytes);
    if (size < shortBytes) for (let i = 0; i < size; i++) memory[usedBytes + i] = chunk[at + i]!;
    else chunk.copy(memory, usedBytes, at, at + size);
    block.usedBytes = usedBytes + size;
    this.#rowRemaining -= size;
    if (block.usedBytes === blockBytes) this.#closeBlock();
    return at + size;
  }

  #closeBlock() {
    this.flush();
    this.#block?.close();
    this.#block = null;
  }
}
