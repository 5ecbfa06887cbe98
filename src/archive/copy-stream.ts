import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { IntegrityError } from '../lib/errors.ts';
import type { ArchiveWriter } from './writer.ts';

/**
 * A data stream: one directory below `data/`, whose chunks put together and decompressed are a psql script of
 * `COPY … FROM stdin;`, rows, `\.` for one large table or many small ones. Each chunk is one zstd frame.
 */

const compress = promisify(zlib.zstdCompress);
const decompress = promisify(zlib.zstdDecompress);

// Level 1 compresses COPY text as well as 3 and twice as fast; measured in docs/decisions/0002-archive-format.md.
const compression = {
  params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 },
  // One output buffer a frame: at the default of 16 KiB the callbacks between them cost as much as compressing does.
  chunkSize: 1 << 20,
};
/** A frame is closed once it holds this much. */
const frameBytes = (1 << 20) - (1 << 16);
/** No frame decompresses to more: readers refuse larger ones instead of running out of memory. */
const maxFrameBytes = 4 << 20;
const framesInFlight = 2;

/** The line that ends a table in COPY text. Inside rows a backslash is always escaped, so it can't occur there. */
export const endOfRows = '\\.\n';

export class CopyStreamWriter {
  readonly #archive: ArchiveWriter;
  readonly #folder: string;
  #parts: Uint8Array[] = [];
  #partsBytes = 0;
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

  /** Takes bytes of rows; compression goes on while the caller fetches the next ones. */
  async rows(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.length; offset += frameBytes) {
      // However much comes at once, no frame grows beyond what readers accept.
      const part = bytes.subarray(offset, offset + frameBytes);
      this.#parts.push(part);
      this.#partsBytes += part.length;
      if (this.#partsBytes >= frameBytes) await this.#flush();
    }
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
    const [only] = this.#parts;
    const frame = compressFrame(this.#parts.length === 1 ? only! : Buffer.concat(this.#parts));
    this.#parts = [];
    this.#partsBytes = 0;
    const name = `${this.#folder}/${String(this.#chunk++).padStart(8, '0')}.sql.zst`;
    this.#inFlight += 1;
    const write = this.#written.then(async () => this.#archive.entry(name, await frame));
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

/** One zstd frame of text that a reader will take. @throws an error of ours when it is too much for one */
export function compressChunk(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length > maxFrameBytes)
    throw new Error(`a chunk of ${bytes.length} bytes is more than a reader takes`);
  return compressFrame(bytes);
}

/** One zstd frame. */
export function compressFrame(bytes: Uint8Array): Promise<Buffer> {
  return compress(bytes, compression);
}

/** @throws IntegrityError naming the entry when it is not one sound frame of a bounded size */
export async function decompressFrame(
  name: string,
  bytes: Uint8Array,
  maxBytes = maxFrameBytes,
): Promise<Buffer> {
  try {
    return await decompress(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    throw new IntegrityError(
      `Entry ${name} of the archive does not decompress: ${(error as Error).message}.`,
      {
        hint: 'Use another copy or an earlier backup.',
        publicReason: 'the archive is damaged',
      },
    );
  }
}
