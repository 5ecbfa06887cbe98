import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** `sha256:` digest of bytes in memory. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Passes bytes through, counting and hashing them. */
export class DigestedBytes extends Transform {
  sizeBytes = 0;
  readonly #hash = createHash('sha256');

  override _transform(bytes: Buffer, _encoding: BufferEncoding, done: (error: null, bytes: Buffer) => void) {
    this.sizeBytes += bytes.length;
    this.#hash.update(bytes);
    done(null, bytes);
  }

  /** Of all bytes so far; can be asked once. */
  digest(): string {
    return `sha256:${this.#hash.digest('hex')}`;
  }
}
