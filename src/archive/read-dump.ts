import type { Readable } from 'node:stream';
import { CopyScriptReader, type ScriptPart } from './copy-script.ts';
import { contentRoot, type Manifest, manifestSchema } from './manifest.ts';
import { type ArchiveEntry, damaged, readArchive } from './reader.ts';
import type { Receipt } from './receipt.ts';
import { RowDigest } from './row-digest.ts';
import { type TableEntry, type Tables, tablesSchema } from './tables.ts';
import { decompressFrame } from './zstd-frames.ts';

export type SqlSection = 'roles' | 'pre-data' | 'sequences' | 'large-objects' | 'post-data' | 'database';

/** A dump as it is read back, in the archive's order. */
export type DumpPart =
  | { kind: 'tables'; tables: Tables }
  | { kind: 'sql'; section: SqlSection; text: string }
  /** Rows of one table; `stream` tells apart tables whose rows come interleaved, `newRows` counts the rows
   *  that this part completes. */
  | (ScriptPart & { stream: string; newRows: number })
  /** The schema's canonical description, as the fingerprint was taken of it; its shape is the fingerprint's own. */
  | { kind: 'fingerprint'; fingerprint: unknown }
  /** Last, and only after everything before it proved to be what it describes. */
  | { kind: 'manifest'; manifest: Manifest };

const sqlSections: Record<string, SqlSection> = {
  'schema/roles.sql': 'roles',
  'schema/pre-data.sql': 'pre-data',
  'sequences.sql': 'sequences',
  'schema/post-data.sql': 'post-data',
  'schema/database.sql': 'database',
};

/** What every dump has, if only as an empty script. */
const needed = ['tables.json', ...Object.keys(sqlSections), 'schema/fingerprint.json.zst'];

/** Some 600 bytes an object: room for a schema of half a million objects. */
const maxFingerprintBytes = 512 << 20;

/**
 * Reads a backup back from its stored bytes and checks all of it: the bytes against the receipt, each entry and each
 * table's rows against the manifest, the manifest against the receipt.
 *
 * @param options.entries those of an earlier reading that proved whole: an archive that is exchanged between the two
 *        gives out nothing. Without them an entry is given out before the archive is known to be that of the receipt.
 * @throws IntegrityError naming the first thing that is not as promised; ConfigError when no identity fits
 */
export async function* readDump(
  source: Readable,
  options: { receipt: Receipt; identities: readonly string[] | null; entries?: Manifest['entries'] },
): AsyncGenerator<DumpPart, void, void> {
  const seen: { name: string; sizeBytes: number; digest: string }[] = [];
  const names = new Set<string>();
  const rows = new TableRows();
  let streams: DataStreams | null = null;
  let manifestEntry: ArchiveEntry | null = null;
  for await (const entry of readArchive(source, options)) {
    if (manifestEntry) throw damaged(`entry ${entry.name} stands behind the manifest`);
    if (entry.name === 'manifest.json') {
      manifestEntry = entry;
      continue;
    }
    if (names.has(entry.name)) throw damaged(`entry ${entry.name} comes twice`);
    names.add(entry.name);
    const promised = options.entries?.[seen.length];
    if (options.entries && (promised?.name !== entry.name || promised.digest !== entry.digest))
      throw damaged(`entry ${entry.name} is not the one that was read a moment ago`);
    seen.push({ name: entry.name, sizeBytes: entry.bytes.length, digest: entry.digest });
    if (entry.name === 'tables.json') {
      const tables = parseDocument(tablesSchema, entry);
      streams = new DataStreams(tables);
      yield { kind: 'tables', tables };
    } else if (entry.name.startsWith('data/')) {
      if (!streams) throw damaged(`entry ${entry.name} stands before tables.json`);
      for (const part of await streams.read(entry)) {
        yield { ...part, newRows: rows.take(part) };
      }
    } else if (entry.name === 'schema/fingerprint.json.zst') {
      yield { kind: 'fingerprint', fingerprint: await readFingerprint(entry) };
    } else if (entry.name.startsWith('large-objects/')) {
      const script = await decompressFrame(entry.name, entry.bytes);
      yield { kind: 'sql', section: 'large-objects', text: script.toString('utf8') };
    } else if (sqlSections[entry.name]) {
      yield { kind: 'sql', section: sqlSections[entry.name]!, text: entry.bytes.toString('utf8') };
    }
  }
  if (!manifestEntry) throw damaged('it ends before its manifest');
  const lacking = needed.find((name) => !names.has(name));
  if (lacking) throw damaged(`entry ${lacking} is missing`);
  streams?.finish();
  const manifest = checkManifest(manifestEntry, options.receipt, seen);
  rows.compare(manifest);
  yield { kind: 'manifest', manifest };
}

async function readFingerprint(entry: ArchiveEntry): Promise<unknown> {
  const text = await decompressFrame(entry.name, entry.bytes, maxFingerprintBytes);
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    throw damaged(`entry ${entry.name} is not JSON`);
  }
}

function checkManifest(entry: ArchiveEntry, receipt: Receipt, seen: Manifest['entries']): Manifest {
  if (entry.digest !== receipt.manifestDigest) throw damaged('its manifest is not the one in the receipt');
  const manifest = parseDocument(manifestSchema, entry);
  for (let i = 0; i < Math.max(seen.length, manifest.entries.length); i++) {
    const [found, expected] = [seen[i], manifest.entries[i]];
    if (!expected) throw damaged(`entry ${found!.name} is not in the manifest`);
    if (found?.name !== expected.name) throw damaged(`entry ${expected.name} is missing or out of order`);
    if (found.digest !== expected.digest) throw damaged(`entry ${found.name} is not what was written`);
  }
  const total = (of: 'rows' | 'rawBytes') => manifest.tables.reduce((sum, table) => sum + table[of], 0);
  const isSame =
    manifest.id === (receipt.rekeyedFrom ?? receipt.id) &&
    manifest.database === receipt.database &&
    manifest.snapshotAt === receipt.snapshotAt &&
    manifest.fingerprint === receipt.fingerprint &&
    manifest.tables.length === receipt.tables &&
    total('rows') === receipt.rows &&
    total('rawBytes') === receipt.rawBytes &&
    manifest.contentRoot === receipt.contentRoot &&
    contentRoot(manifest) === manifest.contentRoot;
  if (!isSame) throw damaged('manifest and receipt describe different backups');
  return manifest;
}

function parseDocument<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  entry: ArchiveEntry,
): T {
  let value: unknown;
  try {
    value = JSON.parse(entry.bytes.toString('utf8'));
  } catch {
    throw damaged(`entry ${entry.name} is not JSON`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw damaged(`entry ${entry.name} is not of a version this Holdfast knows`);
  return parsed.data;
}

/** The data streams, each with its place; their chunks come interleaved but in order within a stream. */
class DataStreams {
  readonly #tables: Map<string, TableEntry>;
  readonly #open = new Map<string, { script: CopyScriptReader; nextChunk: number }>();

  constructor(tables: Tables) {
    this.#tables = new Map(tables.tables.map((table) => [table.copy, table]));
  }

  async read(entry: ArchiveEntry): Promise<(ScriptPart & { stream: string })[]> {
    const [, stream = '', chunk = ''] = entry.name.split('/');
    const open = this.#open.get(stream) ?? {
      script: new CopyScriptReader(`stream ${stream}`, this.#tables),
      nextChunk: 0,
    };
    this.#open.set(stream, open);
    if (Number.parseInt(chunk, 10) !== open.nextChunk) throw damaged(`entry ${entry.name} is out of order`);
    open.nextChunk += 1;
    const frame = await decompressFrame(entry.name, entry.bytes);
    return [...open.script.read(frame)].map((part) => ({ ...part, stream }));
  }

  finish() {
    for (const { script } of this.#open.values()) script.finish();
  }
}

/** Digests and counts of the rows as they pass, for the comparison with the manifest. */
class TableRows {
  readonly #digests = new Map<number, { digest: RowDigest; rawBytes: number; isEnded: boolean }>();

  /** Returns how many rows this part completes. */
  take(part: ScriptPart): number {
    const { ordinal } = part.table;
    if (part.kind === 'begin') {
      if (this.#digests.has(ordinal)) throw damaged(`table ${ordinal} comes twice`);
      this.#digests.set(ordinal, { digest: new RowDigest(), rawBytes: 0, isEnded: false });
      return 0;
    }
    const table = this.#digests.get(ordinal)!;
    const rowsBefore = table.digest.rows;
    if (part.kind === 'end') table.isEnded = true;
    else {
      table.digest.update(part.bytes);
      table.rawBytes += part.bytes.length;
    }
    return table.digest.rows - rowsBefore;
  }

  compare(manifest: Manifest) {
    for (const expected of manifest.tables) {
      const found = this.#digests.get(expected.ordinal);
      this.#digests.delete(expected.ordinal);
      const name = `${expected.schema}.${expected.name}`;
      if (!found?.isEnded) throw damaged(`the rows of ${name} are missing`);
      if (found.digest.isInsideRow || found.digest.rows !== expected.rows) {
        throw damaged(`${name} has ${found.digest.rows} rows, the manifest says ${expected.rows}`);
      }
      if (found.digest.digest() !== expected.digest)
        throw damaged(`the rows of ${name} are not those of the snapshot`);
    }
    if (this.#digests.size > 0) throw damaged('it holds a table that the manifest does not have');
  }
}
