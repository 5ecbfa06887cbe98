/**
 * Seeded random numbers (sfc32). Each table draws from a stream of its own, so that a change to the rows of one
 * table leaves all others as they were.
 */
export class Random {
  #a: number;
  #b: number;
  #c = 0x9e3779b9 | 0;
  #counter = 1;

  constructor(seed: number, stream: string) {
    let hash = 0x811c9dc5;
    for (const letter of stream) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
    this.#a = hash | 0;
    // A seed may be a time in milliseconds, which does not fit in 32 bits.
    this.#b = (seed ^ Math.floor(seed / 0x1_0000_0000)) | 0;
    for (let round = 0; round < 15; round++) this.bits();
  }

  /** 32 random bits, as a signed integer. */
  bits(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result;
  }

  /** At least 0, less than 1. */
  fraction(): number {
    return (this.bits() >>> 0) / 0x1_0000_0000;
  }

  /** A whole number, at least 0, less than `limit`. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  uuid(): string {
    const hex = [1, 2, 3, 4].map(() => (this.bits() >>> 0).toString(16).padStart(8, '0')).join('');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}
