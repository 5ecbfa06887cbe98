import { Readable } from 'node:stream';

/** Bytes cut at any places, given as numbers that are taken modulo the size. */
export function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}

/** A stream of the bytes in pieces of one size. */
export function streamOf(bytes: Buffer, pieceBytes = 16_384): Readable {
  function* pieces() {
    for (let offset = 0; offset < bytes.length; offset += pieceBytes)
      yield bytes.subarray(offset, offset + pieceBytes);
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** Fails instead of hanging. */
export async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it hung for ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the work throws; it must throw. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it succeeded, and should not have');
}

/** The most memory that the process holds more than before, while the work runs. */
export async function memoryGrowthDuring(work: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 2);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(most, process.memoryUsage().rss) - before;
}
