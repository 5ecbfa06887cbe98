import { readme, restoreScript, rolesScript, sequencesScript } from '../../src/archive/contents.ts';
import { CopyStreamWriter } from '../../src/archive/copy-stream.ts';
import { contentRoot, type Manifest } from '../../src/archive/manifest.ts';
import { RowDigest } from '../../src/archive/row-digest.ts';
import type { TableEntry, Tables } from '../../src/archive/tables.ts';
import { compressFrame } from '../../src/archive/zstd-frames.ts';
import { digestOf } from '../../src/lib/digest.ts';

/** The entries of small but complete dumps of invented tables, made by the functions that make real ones. */

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

export const snapshotAt = '2026-11-22T02:00:00.000Z';
const id = 'crm-20261122T020000Z-k7qa';
const sequences = [{ schema: 'public', name: 'customers_id_seq', lastValue: '3', isCalled: true }];
const largeObject = Buffer.from('%PDF');
const largeObjects = [{ oid: 16_400, sizeBytes: largeObject.length, digest: digestOf(largeObject) }];
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
  const lines = `SELECT pg_catalog.lo_from_bytea(16400, '\\x${largeObject.toString('hex')}');\n`;
  await entry('large-objects/00000000.sql.zst', await compressFrame(Buffer.from(lines)));
  await entry('schema/post-data.sql', Buffer.from(''));
  await entry('schema/database.sql', Buffer.from('ALTER DATABASE crm SET timezone = utc;\n'));
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
    largeObjects,
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
