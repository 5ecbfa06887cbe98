import type { Readable } from 'node:stream';
import type { Manifest } from './manifest.ts';
import { readArchive } from './reader.ts';
import type { Receipt } from './receipt.ts';

/**
 * Reads an archive to its end, which shows that its bytes are those of the receipt, and tells what entries it has.
 * `readDump` then gives out nothing else: scripts run while they are read, and must be known before.
 *
 * @throws as `readArchive`
 */
export async function checkEntries(
  source: Readable,
  options: { receipt: Receipt; identities: readonly string[] | null },
): Promise<Manifest['entries']> {
  const entries: Manifest['entries'] = [];
  for await (const { name, bytes, digest } of readArchive(source, options)) {
    if (name !== 'manifest.json') entries.push({ name, sizeBytes: bytes.length, digest });
  }
  return entries;
}
