import type { ArchiveWriter } from './writer.ts';
import { compressChunk } from './zstd-frames.ts';

/**
 * A data stream: one directory below `data/`, whose chunks put together and decompressed are a psql script of
 * `COPY … FROM stdin;`, rows, `\.` for one large table or many small ones. Each chunk is one zstd frame.
 */

/** What waits is closed as a frame before more is added, once it is this much: a block of rows makes one by itself. */
const frameBytes = 3 << 18;
const maxPartBytes = 1 << 20;
const framesInFlight = 2;

/** The line that ends a table in COPY text. Inside rows a backslash is always escaped, so it can't occur there. */
export const endOfRows = '\\.\n';

export class CopyStreamWriter {
  readonly #archive: ArchiveWriter;
  readonly #folder: string;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
  /** Lets go of the parts. */
  #free: (() => void)[] = [];
  #chunk = 0;
  #written: Promise<void> = Promise.resolve();
  #inFlight = 0;
  #failure: unknown = null;

  constructor(archive: ArchiveWriter, ordinal: number) {
    this.#archive = archive;
    this.#folder = streamFolder(ordinal);
  }

  begin(copyLine: string): Promise<void> {
    return this.rows(Buffer.from(`${copyLine}\n`));
  }

  /**
   * Takes bytes of rows; compression goes on while the caller fetches the next ones.
   *
   * @param free is called when the bytes are no longer needed; until then they must stay as they are
   */
  async rows(bytes: Uint8Array, free?: () => void): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += maxPartBytes) {
      // However much comes at once, no frame grows beyond what readers accept.
      const part = bytes.subarray(offset, offset + maxPartBytes);
      if (this.#partsBytes >= frameBytes) await this.#flush();
      this.#parts.push(part);
      this.#partsBytes += part.length;
    }
    if (free) this.#free.push(free);
  }

  end(): Promise<void> {
    return this.rows(Buffer.from(endOfRows));
  }

  /** Resolves when all chunks are in the archive. */
  async finish(): Promise<void> {
    if (this.#partsBytes > 0) await this.#flush();
    await this.#written;
    if (this.#failure) throw this.#failure;
  }

  async #flush() {
    const free = this.#free;
    let [chunk] = this.#parts;
    if (this.#parts.length > 1) {
      chunk = Buffer.concat(this.#parts);
      for (const each of free.splice(0)) each();
    }
    const frame = compressChunk(chunk!);
    this.#parts = [];
    this.#partsBytes = 0;
    this.#free = [];
    const name = `${this.#folder}/${String(this.#chunk++).padStart(8, '0')}.sql.zst`;
    this.#inFlight += 1;
    const write = this.#written.then(async () => {
      const bytes = await frame;
      for (const each of free) each();
      await this.#archive.entry(name, bytes);
    });
    this.#written = write
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#inFlight -= 1;
      });
    if (this.#inFlight >= framesInFlight) await this.#written;
    if (this.#failure) throw this.#failure;
  }
}

export function streamFolder(ordinal: number): string {
  return `data/${String(ordinal).padStart(6, '0')}`;
}
