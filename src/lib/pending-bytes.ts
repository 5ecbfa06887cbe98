/** Bytes that came in pieces of any size and are wanted in pieces of another. Nothing is copied but what `take` puts together. */
export class PendingBytes {
  sizeBytes = 0;
  #parts: Uint8Array[] = [];

  add(bytes: Uint8Array) {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.sizeBytes += bytes.length;
  }

  putBack(bytes: Uint8Array) {
    this.#parts.unshift(bytes);
    this.sizeBytes += bytes.length;
  }

  /** The next bytes, of which there must be as many, in the pieces they came in. */
  takeParts(sizeBytes: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let missing = sizeBytes;
    while (missing > 0) {
      const part = this.#parts[0]!;
      if (part.length <= missing) this.#parts.shift();
      else this.#parts[0] = part.subarray(missing);
      taken.push(part.subarray(0, missing));
      missing -= Math.min(part.length, missing);
    }
    this.sizeBytes -= sizeBytes;
    return taken;
  }

  /** The same in one piece. */
  take(sizeBytes: number): Buffer {
    const taken = this.takeParts(sizeBytes);
    const [only] = taken;
    return taken.length === 1
      ? Buffer.from(only!.buffer, only!.byteOffset, only!.length)
      : Buffer.concat(taken);
  }
}
