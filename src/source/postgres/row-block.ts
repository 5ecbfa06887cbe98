/** Blocks of about this size go on to the digest and the compressor. */
export const blockBytes = 1 << 20;

/** Memory of blocks that nobody holds, for the next ones. More than this are left to the garbage collector. */
const spare: Buffer[] = [];
const maxSpare = 16;

/** Rows in memory that will be used again. */
export interface HeldRows {
  bytes: Buffer;
  /** Lets go of the bytes, which must not be looked at afterwards. Who never calls it only costs memory. */
  free(): void;
}

/**
 * A block that rows are copied into. Parts of it are handed out while the rest is still being filled, and once all are
 * free it becomes another block: a new megabyte for each would keep the garbage collector busier than the compressor.
 */
export class RowBlock {
  readonly memory: Buffer = spare.pop() ?? Buffer.allocUnsafeSlow(blockBytes);
  usedBytes = 0;
  #handedOutBytes = 0;
  /** Parts handed out, and the one who fills it. */
  #holders = 1;

  /** What was filled in since the last time; null when that is nothing. */
  handOut(): HeldRows | null {
    if (this.usedBytes === this.#handedOutBytes) return null;
    const bytes = this.memory.subarray(this.#handedOutBytes, this.usedBytes);
    this.#handedOutBytes = this.usedBytes;
    this.#holders += 1;
    return { bytes, free: this.#once() };
  }

  /** Nothing more will be filled in. */
  close = this.#once();

  /** Memory given back twice would be two blocks at once. */
  #once(): () => void {
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      this.#holders -= 1;
      if (this.#holders === 0 && spare.length < maxSpare) spare.push(this.memory);
    };
  }
}
