import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { IntegrityError } from '../lib/errors.ts';

// Level 1 compresses COPY text as well as 3 and twice as fast; measured in docs/decisions/0002-archive-format.md.
const { ZSTD_c_compressionLevel, ZSTD_c_windowLog } = zlib.constants;
// A window in which all of a frame fits: at level 1's own of half of that, the second half costs 7 % more and a little size.
const params = { [ZSTD_c_compressionLevel]: 1, [ZSTD_c_windowLog]: 20 };
// One output buffer a frame: at the default of 16 KiB the callbacks between them cost as much as compressing does.
const chunkSize = 1 << 20;

/** No chunk decompresses to more: readers refuse larger ones instead of running out of memory. */
export const maxChunkBytes = 4 << 20;

const compress = promisify(zlib.zstdCompress);
const decompress = promisify(zlib.zstdDecompress);

/** One zstd frame, of whatever size. */
export function compressFrame(bytes: Uint8Array): Promise<Buffer> {
  return compress(bytes, { params, chunkSize });
}

/** Compressors that are not at work. */
const idle: zlib.ZstdCompress[] = [];

/**
 * One zstd frame of text that a reader will take. A compressor goes on to the next chunk with the tables it has: made anew
 * for each they cost a quarter of the time.
 *
 * @throws an error of ours when it is too much for one
 */
export async function compressChunk(bytes: Uint8Array): Promise<Buffer> {
  if (bytes.length > maxChunkBytes)
    throw new Error(`a chunk of ${bytes.length} bytes is more than a reader takes`);
  const compressor = idle.pop() ?? newCompressor();
  const frame = await new Promise<Buffer>((resolve, reject) => {
    compressor.once('error', reject);
    compressor.write(bytes, () => {
      compressor.off('error', reject);
      resolve(compressor.read() as Buffer);
    });
  });
  idle.push(compressor);
  return frame;
}

function newCompressor() {
  return zlib.createZstdCompress({
    params,
    chunkSize,
    // Each write ends its frame, and none waits for somebody to read.
    flush: zlib.constants.ZSTD_e_end,
    readableHighWaterMark: 2 * maxChunkBytes,
  } as zlib.ZstdOptions);
}

/** @throws IntegrityError naming the entry when it is not one sound frame of a bounded size */
export async function decompressFrame(
  name: string,
  bytes: Uint8Array,
  maxBytes = maxChunkBytes,
): Promise<Buffer> {
  try {
    // As large as the text will be: rows shrink to a third or a fifth as a rule, and many frames are tiny.
    const textBytes = Math.min(chunkSize, Math.max(1 << 14, 6 * bytes.length));
    return await decompress(bytes, { maxOutputLength: maxBytes, chunkSize: textBytes });
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
