import { rowKernelBase64 } from './row-kernel.ts';

/**
 * Order-independent digest of a table's rows in COPY text (FORMAT.md, "Row digest"): equal for the same multiset of
 * rows whatever their order and however the bytes were cut. It tells accidents apart, 128 bits wide; against a
 * forger stand the archive's SHA-256 and age's authentication, not this.
 */

interface RowKernel {
  memory: WebAssembly.Memory;
  update(address: number, sizeBytes: number): void;
  h1: WebAssembly.Global<'i64'>;
  h2: WebAssembly.Global<'i64'>;
  length: WebAssembly.Global<'i64'>;
  filled: WebAssembly.Global<'i32'>;
  sum1: WebAssembly.Global<'i64'>;
  sum2: WebAssembly.Global<'i64'>;
  rows: WebAssembly.Global<'i32'>;
}

const seed = 0x686f6c64n;
const inputAddress = 65536;
const inputBytes = 1 << 20;

// One kernel serves all digests of a thread: `update` is synchronous, and each digest puts its own state in and out.
const kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(rowKernelBase64, 'base64')))
  .exports as unknown as RowKernel;
const memory = new Uint8Array(kernel.memory.buffer);

export class RowDigest {
  /** Complete rows seen so far. */
  rows = 0;
  #sum1 = 0n;
  #sum2 = 0n;
  /** The row that goes on in the next call; null between rows. */
  #open: { h1: bigint; h2: bigint; length: bigint; carry: Uint8Array } | null = null;

  /** Takes the next bytes of COPY text; they may begin and end anywhere. */
  update(bytes: Uint8Array): void {
    for (let offset = 0; offset < bytes.length; offset += inputBytes) {
      this.#take(bytes.subarray(offset, offset + inputBytes));
    }
  }

  #take(bytes: Uint8Array): void {
    const open = this.#open;
    kernel.h1.value = open?.h1 ?? seed;
    kernel.h2.value = open?.h2 ?? seed;
    kernel.length.value = open?.length ?? 0n;
    kernel.filled.value = open?.carry.length ?? 0;
    memory.fill(0, 0, 16);
    if (open) memory.set(open.carry, 0);
    kernel.sum1.value = 0n;
    kernel.sum2.value = 0n;
    kernel.rows.value = 0;
    memory.set(bytes, inputAddress);
    kernel.update(inputAddress, bytes.length);
    this.#sum1 = BigInt.asUintN(64, this.#sum1 + kernel.sum1.value);
    this.#sum2 = BigInt.asUintN(64, this.#sum2 + kernel.sum2.value);
    this.rows += kernel.rows.value;
    const length = kernel.length.value;
    const isOpen = length !== 0n;
    this.#open = isOpen
      ? { h1: kernel.h1.value, h2: kernel.h2.value, length, carry: memory.slice(0, kernel.filled.value) }
      : null;
  }

  /** Whether the bytes so far end inside a row. */
  get isInsideRow(): boolean {
    return this.#open !== null;
  }

  /** `rows1:` and 32 hexadecimal digits. A row without its line feed does not count; see `isInsideRow`. */
  digest(): string {
    return textOf(this.#sum1, this.#sum2);
  }
}

const digestForm = /^rows1:([0-9a-f]{16})([0-9a-f]{16})$/;

/** The digest of all rows of several tables together: each half is a sum, so sums of sums are the same. */
export function digestOfAll(digests: readonly string[]): string {
  let [sum1, sum2] = [0n, 0n];
  for (const digest of digests) {
    const [, half1, half2] = digestForm.exec(digest)!;
    sum1 = BigInt.asUintN(64, sum1 + BigInt(`0x${half1}`));
    sum2 = BigInt.asUintN(64, sum2 + BigInt(`0x${half2}`));
  }
  return textOf(sum1, sum2);
}

function textOf(sum1: bigint, sum2: bigint): string {
  const hex = (sum: bigint) => sum.toString(16).padStart(16, '0');
  return `rows1:${hex(sum1)}${hex(sum2)}`;
}
