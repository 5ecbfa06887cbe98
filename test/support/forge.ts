import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { objectKeys } from '../../src/archive/backup-id.ts';
import type { Manifest } from '../../src/archive/manifest.ts';
import { readArchive } from '../../src/archive/reader.ts';
import type { Receipt } from '../../src/archive/receipt.ts';
import { writeArchive } from '../../src/archive/writer.ts';
import { digestOf } from '../../src/lib/digest.ts';
import { streamOf } from './pieces.ts';
import type { Workplace } from './workplace.ts';

/** What somebody can put into a store who can write there: sound in itself, and encrypted to the public recipient. */
export interface Forgery {
  archive: Buffer;
  receipt: Receipt;
}

/** An archive of the same id whose first script also runs this SQL. */
export async function forge(place: Workplace, id: string, sql: string): Promise<Forgery> {
  const { archive: archiveFile, receipt: receiptFile } = filesOf(place, id);
  const receipt: Receipt = JSON.parse(await readFile(receiptFile, 'utf8'));
  const source = streamOf(await readFile(archiveFile));
  const archive = await writeArchive({ recipients: [place.recipient], modifiedAt: 0 });
  const written = buffer(archive.stream);
  const entries: Manifest['entries'] = [];
  let manifestDigest = '';
  for await (const entry of readArchive(source, { receipt, identities: [place.identity] })) {
    let { bytes } = entry;
    if (entry.name === 'schema/roles.sql') bytes = Buffer.concat([bytes, Buffer.from(`${sql};\n`)]);
    if (entry.name === 'manifest.json') {
      bytes = Buffer.from(JSON.stringify({ ...JSON.parse(bytes.toString('utf8')), entries }));
      manifestDigest = digestOf(bytes);
    }
    entries.push({ name: entry.name, sizeBytes: bytes.length, digest: digestOf(bytes) });
    await archive.entry(entry.name, bytes);
  }
  archive.finish();
  const bytes = await written;
  const stored = { ...receipt.archive, sizeBytes: bytes.length, digest: digestOf(bytes) };
  return { archive: bytes, receipt: { ...receipt, archive: stored, manifestDigest } };
}

/** Puts it into the store of the workplace, or only half of it. */
export async function plant(place: Workplace, id: string, { archive, receipt }: Partial<Forgery>) {
  const files = filesOf(place, id);
  if (archive) await writeFile(files.archive, archive);
  if (receipt) await writeFile(files.receipt, JSON.stringify(receipt));
}

function filesOf({ folder }: Workplace, id: string) {
  const keys = objectKeys('crm', id, true);
  return {
    archive: join(folder, 'store', keys.archive),
    receipt: join(folder, 'store', keys.receipt),
  };
}
