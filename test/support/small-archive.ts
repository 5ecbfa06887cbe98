import { buffer } from 'node:stream/consumers';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { encryptTo } from '../../src/archive/age.ts';
import { readme, restoreScript, rolesScript, sequencesScript } from '../../src/archive/contents.ts';
import { CopyStreamWriter, compressFrame } from '../../src/archive/copy-stream.ts';
import { contentRoot, type Manifest } from '../../src/archive/manifest.ts';
import { type DumpPart, readDump } from '../../src/archive/read-dump.ts';
import { type Receipt, recipientFingerprint } from '../../src/archive/receipt.ts';
import { RowDigest } from '../../src/archive/row-digest.ts';
import type { TableEntry, Tables } from '../../src/archive/tables.ts';
import { writeArchive } from '../../src/archive/writer.ts';
import { digestOf } from '../../src/lib/digest.ts';
import { streamOf } from './pieces.ts';

/** Small but complete archives, written by the real writer from invented tables, and ways to write false ones. */

export interface SmallTable {
  schema: string;
  name: string;
  columns: string[];
  /** COPY text with its line feeds. */
  rows: string;
}
export interface Entry {
  name: string;
  bytes: Buffer;
}
export interface SmallArchive {
  bytes: Buffer;
  receipt: Receipt;
}

const snapshotAt = '2026-11-22T02:00:00.000Z';
const id = 'crm-20261122T020000Z-k7qa';
const sequences = [{ schema: 'public', name: 'customers_id_seq', lastValue: '3', isCalled: true }];
const fingerprint = { tables: ['customers', 'notes', 'empty'] };
const source = {
  serverVersion: '17.6',
  serverMajor: 17,
  systemIdentifier: null,
  databaseName: 'crm',
  encoding: 'UTF8',
  collate: 'C.UTF-8',
  ctype: 'C.UTF-8',
};

export const smallTables: SmallTable[] = [
  {
    schema: 'public',
    name: 'customers',
    columns: ['id', 'name'],
    rows: '1\tAda\n2\tÉmile \\\\. \\N\n3\t\\N\n',
  },
  { schema: 'public', name: 'notes', columns: ['text'], rows: '\n\n\\\\.\nline\\nline\n' },
  { schema: 'crm', name: 'empty', columns: ['id'], rows: '' },
];
export const identity: string = await generateX25519Identity();
export const recipient: string = await identityToRecipient(identity);

/** Every entry of a dump in order, without the manifest. The first table has a stream alone, the others share one. */
export async function makeEntries(tables = smallTables): Promise<Entry[]> {
  const entries: Entry[] = [];
  const entry = async (name: string, bytes: Uint8Array) => {
    entries.push({ name, bytes: Buffer.from(bytes) });
  };
  const described = describe(tables);
  await entry('README.txt', Buffer.from(readme(id, snapshotAt)));
  await entry('restore.sh', restoreScript);
  await entry('tables.json', Buffer.from(JSON.stringify(described)));
  await entry('schema/roles.sql', Buffer.from(rolesScript(['crm_owner'])));
  await entry('schema/pre-data.sql', Buffer.from('CREATE TABLE public.customers ();\n'));
  const archive = { entry } as unknown as ConstructorParameters<typeof CopyStreamWriter>[0];
  for (const [index, read] of [tables.slice(0, 1), tables.slice(1)].entries()) {
    const stream = new CopyStreamWriter(archive, index + 1);
    for (const table of read) {
      await stream.begin(described.tables[tables.indexOf(table)]!.copy);
      if (table.rows) await stream.rows(Buffer.from(table.rows));
      await stream.end();
    }
    await stream.finish();
  }
  await entry('sequences.sql', Buffer.from(sequencesScript(sequences)));
  await entry('schema/post-data.sql', Buffer.from(''));
  await entry('schema/fingerprint.json.zst', await compressFrame(Buffer.from(JSON.stringify(fingerprint))));
  return entries;
}

function describe(tables: readonly SmallTable[]): Tables {
  const described = tables.map(({ schema, name, columns }, index): TableEntry => {
    const copy = `COPY "${schema}"."${name}" (${columns.join(', ')}) FROM stdin;`;
    return { ordinal: index + 1, schema, name, columns, filter: null, copy, estimatedRows: 0 };
  });
  return { version: 1, rowFormat: 'text', source, tables: described };
}

/** The manifest of these tables and entries, which need not belong together. */
export function makeManifest(entries: readonly Entry[], tables = smallTables): Manifest {
  const content = {
    fingerprint: digestOf(Buffer.from(JSON.stringify(fingerprint))),
    sequences,
    tables: tables.map(({ schema, name, columns, rows }, index) => {
      const digest = new RowDigest();
      digest.update(Buffer.from(rows));
      const rawBytes = Buffer.byteLength(rows);
      return {
        ordinal: index + 1,
        schema,
        name,
        columns,
        rows: digest.rows,
        digest: digest.digest(),
        rawBytes,
      };
    }),
  };
  return {
    version: 1,
    id,
    database: 'crm',
    snapshotAt,
    madeBy: { holdfast: '0.1.0', pgDump: '17.6' },
    source,
    ...content,
    notCarried: [],
    contentRoot: contentRoot(content),
    entries: entries.map(({ name, bytes }) => ({ name, sizeBytes: bytes.length, digest: digestOf(bytes) })),
  };
}

export function manifestEntry(manifest: Manifest): Entry {
  return { name: 'manifest.json', bytes: Buffer.from(JSON.stringify(manifest)) };
}

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
