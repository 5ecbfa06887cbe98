import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** Looks into a built site, and serves it the way GitHub Pages does: compressed, to be kept for ten minutes. */

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json; charset=utf-8',
  '.xml': 'application/xml',
  '.txt': 'text/plain; charset=utf-8',
};

/** All files below a folder, relative to it. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .toSorted();
}

/** A file of a built site. */
export function read(site: { folder: string }, file: string): string {
  return readFileSync(path.join(site.folder, file), 'utf8');
}

/** Serves a folder on a free port of this machine; the caller closes it. */
export async function serve(folder: string): Promise<{ origin: string; server: Server }> {
  const files = new Set(filesIn(folder));
  const server = createServer((request, response) => {
    const wanted = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1);
    const name = wanted === '' || wanted.endsWith('/') ? `${wanted}index.html` : wanted;
    if (!files.has(name)) {
      response.writeHead(404).end();
      return;
    }
    const type = types[path.extname(name)];
    const body = readFileSync(path.join(folder, name));
    response.writeHead(200, {
      'content-type': type ?? 'application/octet-stream',
      'cache-control': 'max-age=600',
      ...(type && { 'content-encoding': 'gzip' }),
    });
    response.end(type ? gzipSync(body) : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
