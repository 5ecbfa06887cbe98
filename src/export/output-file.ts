import { type FileHandle, open } from 'node:fs/promises';

const bufferedCharacters = 1 << 18;

/** A file that only its owner may read. The next bytes are taken when the last ones are written: memory is flat. */
export class OutputFile {
  readonly #file: FileHandle;
  #text = '';

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param flags `wx`: it must be new. `a`: goes on where it ends */
  static async open(path: string, flags: 'wx' | 'a' = 'wx'): Promise<OutputFile> {
    return new OutputFile(await open(path, flags, 0o600));
  }

  /** @param text latin1. @returns a promise to wait for before more is added, or null where there is room */
  add(text: string): Promise<void> | null {
    this.#text += text;
    return this.#text.length >= bufferedCharacters ? this.#flush() : null;
  }

  async addBytes(bytes: Uint8Array): Promise<void> {
    await this.#flush();
    await this.#file.writeFile(bytes);
  }

  /** @param isLasting whether to wait until the disk has it */
  async finish(isLasting = true): Promise<void> {
    await this.#flush();
    if (isLasting) await this.#file.sync();
    await this.#file.close();
  }

  /** Gives up what was not yet written. */
  async abandon(): Promise<void> {
    this.#text = '';
    await this.#file.close().catch(() => {});
  }

  async #flush() {
    const bytes = Buffer.from(this.#text, 'latin1');
    this.#text = '';
    if (bytes.length > 0) await this.#file.writeFile(bytes);
  }
}
