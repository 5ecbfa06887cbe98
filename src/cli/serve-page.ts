import { fileURLToPath } from 'node:url';
import { preview } from 'astro';

/** Serves a built page on loopback; takes the next free port when the one asked for is in use. */
export async function servePage(
  folder: string,
  port: number,
): Promise<{ url: string; stop(): Promise<void> }> {
  process.env['ASTRO_TELEMETRY_DISABLED'] = '1';
  const server = await preview({
    root: fileURLToPath(new URL('../../site', import.meta.url)),
    outDir: folder,
    server: { host: '127.0.0.1', port },
    logLevel: 'error',
  });
  return { url: `http://127.0.0.1:${server.port}/`, stop: () => server.stop() };
}
