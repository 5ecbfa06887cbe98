import type pg from 'pg';
import { forServer, readme, restoreScript, rolesScript, sequencesScript } from '../archive/contents.ts';
import { CopyStreamWriter } from '../archive/copy-stream.ts';
import { archiveFormatVersion, contentRoot, type Manifest } from '../archive/manifest.ts';
import type { SourceLoad } from '../archive/source-load.ts';
import type { TableEntry, Tables } from '../archive/tables.ts';
import type { ArchiveWriter } from '../archive/writer.ts';
import { compressChunk, compressFrame } from '../archive/zstd-frames.ts';
import { counted } from '../lib/format.ts';
import { qualifiedName } from '../lib/sql.ts';
import { readCatalog, type SourceCatalog } from '../source/postgres/catalog.ts';
import {
  type Connected,
  type ConnectionTarget,
  connect,
  disconnect,
  serverMajor,
} from '../source/postgres/connect.ts';
import { columnList } from '../source/postgres/copy-statements.ts';
import { databaseScript, readDatabaseProperties } from '../source/postgres/database-properties.ts';
import { explaining, explainServer } from '../source/postgres/explain-server.ts';
import { takeFingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { readLargeObjects } from '../source/postgres/large-objects.ts';
import { choosePgDump, type PgDump, type PgDumpSources } from '../source/postgres/pg-dump-choice.ts';
import { unexpectedWarnings } from '../source/postgres/pg-dump-warnings.ts';
import { readSequences } from '../source/postgres/sequences.ts';
import { joinSnapshot, type Snapshot, takeSnapshot } from '../source/postgres/snapshot.ts';
import { readTablePseudonyms } from '../source/postgres/table-pseudonyms.ts';
import { readGenerated } from './generated.ts';
import { paceOf } from './pace.ts';
import { describePublicly, type PublicDescription } from './public-description.ts';
import { release } from './release.ts';
import { planReads, type RowProgress, readRows } from './rows.ts';

export interface DumpOptions {
  target: ConnectionTarget;
  excludeRows: readonly string[];
  /** Connections that read rows; two more hold the snapshot and read the schema. */
  connections: number;
  lockTimeoutMs: number;
  /** Of rows, over all connections together; null or left out: as fast as it goes. */
  bytesPerSecond?: number | null;
  /** Left out: the bundled pg_dump, and for newer servers an installed one. */
  pgDump?: PgDumpSources;
}

/** A dump under way: the snapshot is taken, nothing is written yet. */
export interface Dump extends AsyncDisposable {
  source: 'postgres' | 'crm-api';
  /** What was opened, in a few words. */
  label: string;
  /** Tries that it took to have a CRM make its backup; null for a database that is read itself. */
  requests: number | null;
  snapshot: Pick<Snapshot, 'takenAt'>;
  catalog: Pick<SourceCatalog, 'notCarried'>;
  serverMajor: number;
  /** Bytes on disk of the tables to read, for progress. */
  expectedBytes: number;
  /**
   * Writes everything into the archive, the manifest last, and describes it. The caller finishes the archive.
   *
   * @param onWarning takes what pg_dump had to say although it succeeded
   */
  writeTo(
    archive: ArchiveWriter,
    identity: { id: string; database: string; holdfast: string },
    onProgress: (progress: RowProgress) => void,
    onWarning: (text: string) => void,
  ): Promise<Dumped>;
}

/** What was written: in full, which is encrypted with the rest, and what of it is public. */
export interface Dumped {
  manifest: Manifest;
  description: PublicDescription;
  /** What it asked of the server; absent when no server was read. */
  load?: SourceLoad;
}

/**
 * Opens the source, fixes the moment, and reads what there is.
 *
 * @throws ConfigError or SourceError; nothing was written then
 */
export async function openDump(options: DumpOptions, now: () => number): Promise<Dump> {
  const open: Connected[] = [];
  const connectOne = async (lockTimeoutMs = options.lockTimeoutMs) => {
    const connected = await connect(options.target, { lockTimeoutMs });
    open.push(connected);
    return connected;
  };
  const close = async () => {
    await Promise.all(open.map(({ client }) => disconnect(client)));
  };
  try {
    const leader = await connectOne();
    const pgDump = await choosePgDump(serverMajor(leader.parameters), options.pgDump);
    const snapshot = await takeSnapshot(leader.client, now);
    const catalog = await readCatalog(leader.client, options.excludeRows);
    const major = serverMajor(leader.parameters);
    const expectedBytes = catalog.tables.reduce((sum, table) => sum + table.sizeBytes, 0);
    return {
      source: 'postgres',
      label: `${counted(catalog.tables.length, 'table')}, PostgreSQL ${major}`,
      requests: null,
      snapshot,
      catalog,
      serverMajor: major,
      expectedBytes,
      writeTo: (archive, identity, onProgress, onWarning) =>
        explaining('the database was read', () =>
          write(
            { leader, pgDump, snapshot, catalog, expectedBytes, connectOne, options, onWarning, now },
            archive,
            identity,
            onProgress,
          ),
        ),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw explainServer(error, 'the snapshot was taken and the catalog read');
  }
}

/**
 * Once the snapshot's own locks are held, a lock is only waited for when a migration has queued in between; and behind that
 * migration the application queues too. pg_dump sets the session's own limit to none, so it is told again.
 */
const queuedLockMs = 5000;

/**
 * Of a smaller database both halves of the schema are read at once: far away that is all waiting. Of a larger one the second
 * comes beside its rows, because each pg_dump takes 55 MB, and more with thousands of tables.
 */
const smallBytes = 64 << 20;

interface OpenDump {
  leader: Connected;
  pgDump: PgDump;
  snapshot: Snapshot;
  catalog: SourceCatalog;
  expectedBytes: number;
  connectOne: (lockTimeoutMs?: number) => Promise<Connected>;
  options: DumpOptions;
  onWarning: (text: string) => void;
  now: () => number;
}

async function write(
  { leader, pgDump, snapshot, catalog, expectedBytes, connectOne, options, onWarning, now }: OpenDump,
  archive: ArchiveWriter,
  identity: { id: string; database: string; holdfast: string },
  onProgress: (progress: RowProgress) => void,
): Promise<Dumped> {
  const major = serverMajor(leader.parameters);
  const schemaScript = async (section: string) => {
    const connected = await connectOne();
    const args = [
      `--section=${section}`,
      `--snapshot=${snapshot.id}`,
      `--lock-wait-timeout=${queuedLockMs}`,
      `--encoding=${catalog.settings.encoding === 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8'}`,
    ];
    const { script, complaint } = await pgDump.run(connected, args);
    // Its transaction would go on holding the locks.
    await disconnect(connected.client);
    for (const warning of unexpectedWarnings(complaint, catalog.notCarried)) onWarning(warning);
    return forServer(script, major);
  };
  const openReader = async () => {
    const reader = await connectOne(queuedLockMs);
    await joinSnapshot(reader.client, snapshot);
    return reader;
  };
  const snapshotAt = new Date(snapshot.takenAt).toISOString();
  const tables = describeTables(catalog, major);

  await archive.entry('README.txt', Buffer.from(readme(identity.id, snapshotAt)));
  await archive.entry('restore.sh', restoreScript);
  await archive.entry('tables.json', Buffer.from(JSON.stringify(tables, null, 1)));
  await archive.entry('schema/roles.sql', Buffer.from(rolesScript(catalog.roles)));

  const atOnce = expectedBytes < smallBytes ? schemaScript('post-data') : null;
  // Whoever fails first says why; this one is waited for last.
  atOnce?.catch(() => {});
  // The locks are held, so what the catalog functions say now is what the snapshot saw.
  const [preData, fingerprint] = await Promise.all([
    schemaScript('pre-data'),
    takeFingerprint(leader.client),
  ]);
  // Not before: a pool may have room for as many sessions as the configuration says, and no more.
  const readers = await Promise.all(Array.from({ length: options.connections }, () => openReader()));
  await archive.entry('schema/pre-data.sql', preData);
  const pseudonyms = await readTablePseudonyms(leader.client);
  // Both are in the catalog's order.
  const planned = tables.tables.map((entry, index) => {
    const { sizeBytes, generated } = catalog.tables[index]!;
    return { entry, sizeBytes, generated };
  });
  const clients = readers.map(({ client }) => client);
  const [dumped, postData] = await Promise.all([
    readRows(
      clients,
      planReads(planned),
      (ordinal) => new CopyStreamWriter(archive, ordinal),
      onProgress,
      paceOf(options.bytesPerSecond ?? null),
    ),
    atOnce ?? schemaScript('post-data'),
  ]);

  const generated = await readGenerated(clients, planned);

  const sequences = await readSequences(leader.client);
  await archive.entry('sequences.sql', Buffer.from(sequencesScript(sequences)));
  const largeObjects = await writeLargeObjects(leader.client, archive);
  await archive.entry('schema/post-data.sql', postData);
  const properties = await readDatabaseProperties(leader.client);
  await archive.entry('schema/database.sql', Buffer.from(databaseScript(properties)));
  const load = await release([leader.client, ...clients], { snapshot, options, now });
  await archive.entry(
    'schema/fingerprint.json.zst',
    await compressFrame(Buffer.from(JSON.stringify(fingerprint))),
  );

  const content = {
    fingerprint: fingerprint.hash,
    tables: dumped.map(({ entry: { ordinal, schema, name, columns }, rows, digest, rawBytes }) => {
      const ofGenerated = generated.get(ordinal);
      return {
        ...{ ordinal, schema, name, columns, rows, digest, rawBytes },
        ...(ofGenerated ? { generated: ofGenerated } : {}),
      };
    }),
    sequences,
    largeObjects,
  };
  const manifest: Manifest = {
    version: archiveFormatVersion,
    id: identity.id,
    database: identity.database,
    snapshotAt,
    madeBy: { holdfast: identity.holdfast, pgDump: pgDump.description },
    source: tables.source,
    ...content,
    notCarried: catalog.notCarried,
    contentRoot: contentRoot(content),
    entries: [...archive.entries],
  };
  await archive.entry('manifest.json', Buffer.from(JSON.stringify(manifest)));
  const description = describePublicly(pseudonyms, fingerprint, manifest.tables, manifest.notCarried);
  return { manifest, description, load };
}

async function writeLargeObjects(client: pg.ClientBase, archive: ArchiveWriter) {
  let chunk = 0;
  return readLargeObjects(client, async (script) => {
    const name = `large-objects/${String(chunk++).padStart(8, '0')}.sql.zst`;
    await archive.entry(name, await compressChunk(Buffer.from(script)));
  });
}

function describeTables(catalog: SourceCatalog, major: number): Tables {
  const tables = catalog.tables.map((table, index): TableEntry => {
    const { schema, name, columns, filter, estimatedRows } = table;
    const ordinal = index + 1;
    // Several tables go in through one, and the line has to say which of them this is.
    const into = qualifiedName(table.loadThrough ?? table);
    const mark = table.loadThrough ? ` /* ${ordinal} */` : '';
    const copy = `COPY ${into}${columnList(columns)}${mark} FROM stdin;`;
    return { ordinal, schema, name, columns, filter, copy: oneLine(copy), estimatedRows };
  });
  return { version: 1, rowFormat: 'text', source: { ...catalog.settings, serverMajor: major }, tables };
}

/**
 * A name may hold a line feed, and the COPY line must stay one line: such an identifier is written with Unicode escapes,
 * which SQL reads as the same name.
 */
export function oneLine(copy: string): string {
  if (!/[\r\n]/.test(copy)) return copy;
  return copy.replaceAll(/"(?:[^"]|"")*"/g, (quoted) => {
    if (!/[\r\n]/.test(quoted)) return quoted;
    const escaped = quoted.replaceAll('\\', '\\\\').replaceAll('\n', '\\000A').replaceAll('\r', '\\000D');
    return `U&${escaped}`;
  });
}
