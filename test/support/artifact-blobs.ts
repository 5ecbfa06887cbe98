import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { drained } from '../../src/lib/drained.ts';
import type { FaultRequest } from './fault-server.ts';

/**
 * The blob storage behind artifacts, as we read it: blocks in any order, put together as the block list says. Bytes
 * are kept on disk, so that a test can measure the memory of what it tests.
 */
export interface FakeBlobs {
  /** An address that anyone may use until it expires. */
  sign(key: string, limitMs?: number): string;
  /** Bytes of a finished blob; null when there is none. */
  read(key: string): Promise<Buffer | null>;
  /** Puts other bytes in the place of those that were stored. */
  write(key: string, bytes: Buffer): Promise<void>;
  sizeOf(key: string): Promise<number | null>;
  handle(request: IncomingMessage, response: ServerResponse, parsed: FaultRequest): Promise<void>;
  /** A blob's name and type, as it is to be shown on download. */
  describe(key: string, shown: { fileName: string }): void;
  close(): Promise<void>;
}

export interface BlobSettings {
  /** Address of the server. */
  url(): string;
  now(): number;
  /** Takes all bytes, says that it kept them, and keeps none. */
  keepsNothing(): boolean;
}

export async function openBlobs(settings: BlobSettings): Promise<FakeBlobs> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-blobs-'));
  const fileOf = (key: string) => join(folder, key);
  const types = new Map<string, string>();
  const names = new Map<string, string>();

  async function putTogether(request: IncomingMessage, key: string) {
    const list = [...(await text(request)).matchAll(/<(?:Latest|Uncommitted)>([^<]*)</g)].map(
      ([, id]) => id!,
    );
    await writeFile(fileOf(key), '');
    types.set(key, String(request.headers['x-ms-blob-content-type'] ?? 'application/octet-stream'));
    if (settings.keepsNothing()) return;
    for (const id of list) {
      const block = createReadStream(join(folder, 'blocks', key, nameOfBlock(id)));
      await pipeline(block, createWriteStream(fileOf(key), { flags: 'a' }));
    }
    await rm(join(folder, 'blocks', key), { recursive: true, force: true });
  }

  const blobs: FakeBlobs = {
    sign: (key, limitMs = 60_000) =>
      `${settings.url()}/blob/${key}?se=${settings.now() + limitMs}&sig=signature%2Fof%2F${key}`,
    read: (key) => readFile(fileOf(key)).catch(() => null),
    write: (key, bytes) => writeFile(fileOf(key), bytes),
    sizeOf: async (key) => (await stat(fileOf(key)).catch(() => null))?.size ?? null,
    describe: (key, { fileName }) => void names.set(key, fileName),
    close: () => rm(folder, { recursive: true }),

    async handle(request, response, { method, path, query }) {
      const key = path.slice('/blob/'.length);
      const isSigned = query.get('sig') === `signature/of/${key}`;
      if (!isSigned || Number(query.get('se')) <= settings.now()) {
        request.resume();
        return answer(response, 403, '<Error><Code>AuthenticationFailed</Code></Error>');
      }
      if (method === 'PUT' && query.get('comp') === 'block') {
        const block = join(folder, 'blocks', key);
        await mkdir(block, { recursive: true });
        await pipeline(request, createWriteStream(join(block, nameOfBlock(query.get('blockid')!))));
        return answer(response, 201);
      }
      if (method === 'PUT' && query.get('comp') === 'blocklist') {
        await putTogether(request, key);
        return answer(response, 201);
      }
      const sizeBytes = await blobs.sizeOf(key);
      if (method !== 'GET' || sizeBytes === null) return answer(response, 404, '<Error/>');
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const isPart = start > 0;
      response.writeHead(isPart ? 206 : 200, {
        'content-type': types.get(key) ?? 'application/octet-stream',
        'content-disposition': `attachment; filename="${names.get(key) ?? key}"`,
        'content-length': sizeBytes - start,
        ...(isPart ? { 'content-range': `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` } : {}),
      });
      if (sizeBytes - start === 0) return void response.end();
      for await (const bytes of createReadStream(fileOf(key), { start })) {
        if (response.destroyed) return;
        if (!response.write(bytes)) await drained(response);
      }
      response.end();
    },
  };
  return blobs;
}

const nameOfBlock = (id: string) => Buffer.from(id).toString('hex');

function answer(response: ServerResponse, status: number, body = '') {
  response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-request-id': 'fake' });
  response.end(body);
}
