import { buffer } from 'node:stream/consumers';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { encryptTo } from '../../src/archive/age.ts';
import type { Manifest } from '../../src/archive/manifest.ts';
import { type DumpPart, readDump } from '../../src/archive/read-dump.ts';
import { type Receipt, recipientFingerprint } from '../../src/archive/receipt.ts';
import { writeArchive } from '../../src/archive/writer.ts';
import { digestOf } from '../../src/lib/digest.ts';
import { streamOf } from './pieces.ts';
import {
  type Entry,
  makeEntries,
  makeManifest,
  manifestEntry,
  smallTables,
  snapshotAt,
} from './small-dump.ts';

/** Small but complete archives, written by the real writer, and ways to write false ones. */
export interface SmallArchive {
  bytes: Buffer;
  receipt: Receipt;
}

export const identity: string = await generateX25519Identity();
export const recipient: string = await identityToRecipient(identity);

/** Writes these entries as they are, and the receipt of a backup that has this manifest. */
export async function seal(entries: readonly Entry[], manifest: Manifest, isEncrypted = true) {
  const recipients = isEncrypted ? [recipient] : null;
  const archive = await writeArchive({ recipients, modifiedAt: Date.parse(snapshotAt) });
  const written = buffer(archive.stream);
  for (const { name, bytes } of entries) await archive.entry(name, bytes);
  archive.finish();
  const bytes = await written;
  return { bytes, receipt: makeReceipt(bytes, manifest, isEncrypted) };
}

/** Encrypts bytes that need not be a sound tar archive, and writes a receipt of them. */
export async function sealTar(tar: Buffer, manifest: Manifest): Promise<SmallArchive> {
  const bytes = await buffer(streamOf(tar).pipe(await encryptTo([recipient])));
  return { bytes, receipt: makeReceipt(bytes, manifest, true) };
}

export async function makeSmallArchive(isEncrypted = true, tables = smallTables): Promise<SmallArchive> {
  const entries = await makeEntries(tables);
  const manifest = makeManifest(entries, tables);
  return seal([...entries, manifestEntry(manifest)], manifest, isEncrypted);
}

function makeReceipt(bytes: Buffer, manifest: Manifest, isEncrypted: boolean): Receipt {
  const total = (of: 'rows' | 'rawBytes') => manifest.tables.reduce((sum, table) => sum + table[of], 0);
  return {
    version: 1,
    formatVersion: 1,
    id: manifest.id,
    database: manifest.database,
    snapshotAt,
    finishedAt: '2026-11-22T02:01:34.000Z',
    durationMs: 94_000,
    trigger: 'schedule',
    serverMajor: 17,
    archive: {
      name: isEncrypted ? 'archive.tar.age' : 'archive.tar',
      sizeBytes: bytes.length,
      digest: digestOf(bytes),
    },
    recipients: isEncrypted ? [recipientFingerprint(recipient)] : null,
    rawBytes: total('rawBytes'),
    tables: manifest.tables.length,
    rows: total('rows'),
    notCarried: 0,
    fingerprint: manifest.fingerprint,
    contentRoot: manifest.contentRoot,
    manifestDigest: digestOf(manifestEntry(manifest).bytes),
  };
}

/** Reads an archive to its end. */
export async function readParts({ bytes, receipt }: SmallArchive, pieceBytes?: number): Promise<DumpPart[]> {
  const identities = receipt.recipients ? [identity] : null;
  const parts: DumpPart[] = [];
  for await (const part of readDump(streamOf(bytes, pieceBytes), { receipt, identities })) parts.push(part);
  return parts;
}
