import { pipeline, type Readable } from 'node:stream';
import { pack as createPack } from 'tar-stream';
import { digestOf } from '../lib/digest.ts';
import { encryptTo } from './age.ts';

/** An archive being written: entries go in whole, in order; encrypted bytes come out of `stream` as they are made. */
export interface ArchiveWriter {
  readonly stream: Readable;
  /** What was written so far, in order. */
  readonly entries: { name: string; sizeBytes: number; digest: string }[];
  /** Resolves when the stream has room for more. Concurrent calls are written one after the other. */
  entry(name: string, bytes: Uint8Array): Promise<void>;
  finish(): void;
  /** Ends the stream with an error, so that no reader takes it for complete. */
  abort(error: Error): void;
}

/**
 * @param options.recipients null: not encrypted
 * @param options.modifiedAt time stamp of every entry, milliseconds since the epoch
 */
export async function writeArchive(options: {
  recipients: readonly string[] | null;
  modifiedAt: number;
}): Promise<ArchiveWriter> {
  const pack = createPack();
  const encryption = options.recipients && (await encryptTo(options.recipients));
  const tar = pack as unknown as Readable;
  // Errors travel to whoever reads the stream; here they would only be said twice.
  const stream = encryption ? pipeline(tar, encryption, () => {}) : tar;
  const entries: ArchiveWriter['entries'] = [];
  const mtime = new Date(options.modifiedAt);
  let previous: Promise<void> = Promise.resolve();
  const write = (name: string, bytes: Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      entries.push({ name, sizeBytes: bytes.length, digest: digestOf(bytes) });
      const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      const isClosed = () => reject(new Error('the archive was closed while an entry was written'));
      tar.once('close', isClosed);
      const onWritten = (error?: Error | null) => {
        tar.off('close', isClosed);
        if (error) reject(error);
        else resolve();
      };
      const sink = pack.entry({ name, size: body.length, mtime, mode: 0o644 }, body, onWritten);
      // It has errors of its own, which end the process when nobody listens; `onWritten` is told of them.
      sink.on('error', () => {});
    });
  return {
    stream,
    entries,
    entry(name, bytes) {
      const written = previous.then(() => write(name, bytes));
      previous = written.catch(() => {});
      return written;
    },
    finish: () => pack.finalize(),
    abort: (error) => {
      tar.destroy(error);
      stream.destroy(error);
    },
  };
}
