import { restoreScript } from '../../archive/contents.ts';
import { CopyStreamWriter } from '../../archive/copy-stream.ts';
import { archiveFormatVersion, contentRoot, type Manifest } from '../../archive/manifest.ts';
import { RowDigest } from '../../archive/row-digest.ts';
import type { SourceDescription, TableEntry, Tables } from '../../archive/tables.ts';
import type { ArchiveWriter } from '../../archive/writer.ts';
import { compressFrame } from '../../archive/zstd-frames.ts';
import { qualifiedName } from '../../lib/sql.ts';
import type { CrmDocument } from '../../source/crm-api/document.ts';
import { copyText } from '../../source/crm-api/json-copy.ts';
import { columnList } from '../../source/postgres/copy-statements.ts';
import { type Dumped, oneLine } from '../dump.ts';
import type { RowProgress } from '../rows.ts';
import { describeDocument } from './describe-document.ts';
import { type InferredTable, inferredFingerprint, inferredMajor, preDataScript } from './inferred-schema.ts';

export interface OpenDocument {
  document: CrmDocument;
  inferred: readonly InferredTable[];
  /** Milliseconds since the epoch. */
  takenAt: number;
}

/**
 * Writes a CRM's JSON as an archive like any other: its rows as tables, and the JSON itself beside them, bit for bit.
 *
 */
export async function writeDocument(
  { document, inferred, takenAt }: OpenDocument,
  archive: ArchiveWriter,
  identity: { id: string; database: string; holdfast: string },
  onProgress: (progress: RowProgress) => void,
): Promise<Dumped> {
  const snapshotAt = new Date(takenAt).toISOString();
  const source = describeSource(identity.database, document.version);
  const tables = describeTables(inferred, source);
  const fingerprint = inferredFingerprint(inferred);
  const text = (name: string, script: string) => archive.entry(name, Buffer.from(script));

  await text('README.txt', readme(identity.id, snapshotAt));
  await archive.entry('restore.sh', restoreScript);
  await text('tables.json', JSON.stringify(tables, null, 1));
  await archive.entry('source/document.json.zst', await compressFrame(document.bytes));
  await text('schema/roles.sql', '');
  await text('schema/pre-data.sql', preDataScript(inferred));
  const written: Manifest['tables'] = [];
  const progress: RowProgress = { rows: 0, rawBytes: 0, tables: 0 };
  for (const [index, table] of inferred.entries()) {
    written.push(await writeTable(archive, tables.tables[index]!, table, progress, onProgress));
  }
  await text('sequences.sql', '');
  await text('schema/post-data.sql', '');
  await text('schema/database.sql', '');
  await archive.entry(
    'schema/fingerprint.json.zst',
    await compressFrame(Buffer.from(JSON.stringify(fingerprint))),
  );

  const content = { fingerprint: fingerprint.hash, tables: written, sequences: [], largeObjects: [] };
  const manifest: Manifest = {
    version: archiveFormatVersion,
    id: identity.id,
    database: identity.database,
    snapshotAt,
    madeBy: { holdfast: identity.holdfast, pgDump: 'none: the tables are inferred from JSON' },
    source,
    ...content,
    notCarried: [],
    contentRoot: contentRoot(content),
    entries: [...archive.entries],
  };
  await text('manifest.json', JSON.stringify(manifest));
  return { manifest, description: describeDocument(fingerprint, written) };
}

async function writeTable(
  archive: ArchiveWriter,
  entry: TableEntry,
  table: InferredTable,
  progress: RowProgress,
  onProgress: (progress: RowProgress) => void,
): Promise<Manifest['tables'][number]> {
  const { ordinal, schema, name, columns } = entry;
  const sink = new CopyStreamWriter(archive, ordinal);
  const digest = new RowDigest();
  let rawBytes = 0;
  await sink.begin(entry.copy);
  for (const bytes of copyText(table.rows, table.columns)) {
    const rowsBefore = digest.rows;
    digest.update(bytes);
    rawBytes += bytes.length;
    progress.rows += digest.rows - rowsBefore;
    progress.rawBytes += bytes.length;
    await sink.rows(bytes);
    onProgress(progress);
  }
  await sink.end();
  await sink.finish();
  progress.tables += 1;
  onProgress(progress);
  return { ordinal, schema, name, columns, rows: digest.rows, digest: digest.digest(), rawBytes };
}

function describeTables(inferred: readonly InferredTable[], source: SourceDescription): Tables {
  const tables = inferred.map((table, index): TableEntry => {
    const { schema, name, rows } = table;
    const columns = table.columns.map((column) => column.name);
    const copy = oneLine(`COPY ${qualifiedName(table)}${columnList(columns)} FROM stdin;`);
    return { ordinal: index + 1, schema, name, columns, filter: null, copy, estimatedRows: rows.length };
  });
  return { version: 1, rowFormat: 'text', source, tables };
}

function describeSource(database: string, version: string): SourceDescription {
  return {
    kind: 'crm-api',
    serverVersion: `JSON of a CRM, version ${version}`,
    serverMajor: inferredMajor,
    systemIdentifier: null,
    databaseName: database,
    encoding: 'UTF8',
    collate: 'C',
    ctype: 'C',
  };
}

function readme(id: string, snapshotAt: string): string {
  return `Holdfast backup ${id}
The CRM's own backup as of ${snapshotAt}, downloaded from it

To have its rows as tables of an empty database:

  bash restore.sh postgres://user:password@host/empty_database

To have the JSON as the CRM gave it:

  zstd -dc source/document.json.zst > backup.json

tables.json          which tables there are, and their columns
schema/pre-data.sql  tables with columns inferred from the JSON: no keys, constraints or sequences
data/*/*.sql.zst     rows: psql scripts of COPY, compressed with zstd, in order within each folder
manifest.json        row counts and digests of all of it
`;
}
