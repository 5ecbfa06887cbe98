import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type Received, receive } from './body.ts';

/** Bytes that were received, in a file; null where they are thrown away. */
export interface Piece extends Received {
  file: string | null;
  at: Date;
}

/** What an object and an upload carry besides their bytes. */
export interface Properties {
  metadata: Record<string, string>;
  storageClass: string | null;
  encryption: { algorithm: string; keyId: string | null } | null;
  lock: { mode: string; until: Date } | null;
}

export interface S3Object extends Properties {
  versionId: string;
  pieces: Piece[];
  sizeBytes: number;
  etag: string;
  /** By the name of its header. */
  checksum: { name: string; value: string } | null;
  at: Date;
}

export interface S3Upload extends Properties {
  key: string;
  uploadId: string;
  algorithm: string | null;
  parts: Map<number, Piece>;
  at: Date;
}

/** What is in the bucket. */
export class Contents {
  readonly current = new Map<string, S3Object>();
  /** Versions that are no longer current, of a bucket with object lock. */
  readonly hidden = new Map<string, S3Object>();
  readonly uploads = new Map<string, S3Upload>();
  readonly folder: string | null;

  /** In files of a folder, or with null nowhere: only sizes and digests are kept. */
  constructor(folder: string | null) {
    this.folder = folder;
  }

  async keep(request: IncomingMessage, raw: AsyncIterable<Buffer>): Promise<Piece> {
    if (this.folder === null)
      return { ...(await receive(request, raw, () => {})), file: null, at: new Date() };
    const path = join(this.folder, randomBytes(8).toString('hex'));
    const file = await open(path, 'wx');
    try {
      const received = await receive(request, raw, async (bytes) => void (await file.write(bytes)));
      return { ...received, file: path, at: new Date() };
    } catch (error) {
      await rm(path);
      throw error;
    } finally {
      await file.close();
    }
  }

  async drop(pieces: Iterable<Piece>) {
    for (const { file } of pieces) if (file) await rm(file, { force: true });
  }
}

/** Bytes from the first up to and including the last, across the pieces. */
export async function* bytesBetween(pieces: Piece[], first: number, last: number): AsyncGenerator<Buffer> {
  let begin = 0;
  for (const { file, sizeBytes } of pieces) {
    const [from, to] = [Math.max(first - begin, 0), Math.min(last - begin, sizeBytes - 1)];
    begin += sizeBytes;
    if (from > to) continue;
    if (!file) throw new Error('a server that discards was asked for bytes');
    yield* createReadStream(file, { start: from, end: to });
  }
}
