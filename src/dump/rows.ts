import pg from 'pg';
import { RowDigest } from '../archive/row-digest.ts';
import type { TableEntry } from '../archive/tables.ts';
import { ConfigError } from '../lib/errors.ts';
import { copyOut } from '../source/postgres/copy-out.ts';
import { copyOutStatement } from '../source/postgres/copy-statements.ts';
import { explainServer } from '../source/postgres/explain-server.ts';
import type { Pace } from './pace.ts';

/** What was read of one table. */
export interface DumpedTable {
  entry: TableEntry;
  rows: number;
  digest: string;
  rawBytes: number;
}

export interface RowProgress {
  rows: number;
  rawBytes: number;
  tables: number;
}

/** Where the rows of one read go. */
export interface RowSink {
  begin(copyLine: string): Promise<void>;
  /** @param free is called when the bytes are no longer needed, which may be later */
  rows(bytes: Buffer, free: () => void): Promise<void>;
  end(): Promise<void>;
  /** Resolves when everything has arrived. */
  finish(): Promise<void>;
}

/** Where rows go that are only read to be digested. */
export const nowhere: RowSink = {
  begin: async () => {},
  rows: async (_, free) => free(),
  end: async () => {},
  finish: async () => {},
};

/** Tables at most this large share a query and a stream: they would otherwise be all round trips and tiny frames. */
const smallTableBytes = 256 * 1024;
const tablesPerQuery = 256;
const batchBytes = 16 << 20;

/** A table to read, and how large it is on disk. */
export interface PlannedTable {
  entry: TableEntry;
  sizeBytes: number;
}

/**
 * Which tables are read together: each large table alone, largest first so that no connection ends with the longest,
 * small ones in batches.
 */
export function planReads(tables: readonly PlannedTable[]): TableEntry[][] {
  const bySize = tables.toSorted((a, b) => b.sizeBytes - a.sizeBytes);
  const large = bySize.filter((table) => table.sizeBytes > smallTableBytes);
  const reads = large.map((table) => [table.entry]);
  let batch: TableEntry[] = [];
  let bytes = 0;
  for (const { entry, sizeBytes } of bySize.slice(large.length)) {
    if (batch.length > 0 && (batch.length === tablesPerQuery || bytes + sizeBytes > batchBytes)) {
      reads.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(entry);
    bytes += sizeBytes;
  }
  if (batch.length > 0) reads.push(batch);
  return reads;
}

/**
 * Reads all tables' rows over the given connections, and digests them on the way.
 *
 * @param openSink opens where the rows of the nth read go, counted from 1
 *
 * @returns in order of ordinals
 * @throws SourceError when a connection is lost; ConfigError when a right is missing; IntegrityError when the rows
 *         received are not those the server counted
 */
export async function readRows(
  clients: readonly pg.ClientBase[],
  reads: readonly TableEntry[][],
  openSink: (ordinal: number) => RowSink,
  onProgress: (progress: RowProgress) => void,
  pace: Pace = async () => {},
): Promise<DumpedTable[]> {
  const dumped: DumpedTable[] = [];
  const progress: RowProgress = { rows: 0, rawBytes: 0, tables: 0 };
  let next = 0;
  let hasFailed = false;
  const work = async (client: pg.ClientBase) => {
    while (!hasFailed && next < reads.length) {
      const ordinal = ++next;
      try {
        await read(client, reads[ordinal - 1]!, openSink(ordinal));
      } catch (error) {
        // The other connections stop at their next table instead of reading on for nothing.
        hasFailed = true;
        throw error;
      }
    }
  };
  const read = async (client: pg.ClientBase, tables: TableEntry[], sink: RowSink) => {
    let digest = new RowDigest();
    let rawBytes = 0;
    let table: TableEntry | null = null;
    let ended = 0;
    const begin = async (statement: number) => {
      if (table) return;
      table = tables[statement]!;
      digest = new RowDigest();
      rawBytes = 0;
      await sink.begin(table.copy);
    };
    try {
      for await (const event of copyOut(client, tables.map(copyOutStatement).join('\n'))) {
        await begin(event.statement);
        if (event.kind === 'rows') {
          const rowsBefore = digest.rows;
          digest.update(event.bytes);
          rawBytes += event.bytes.length;
          progress.rawBytes += event.bytes.length;
          progress.rows += digest.rows - rowsBefore;
          await pace(event.bytes.length);
          await sink.rows(event.bytes, event.free);
        } else {
          dumped.push({ entry: table!, rows: event.rows, digest: digest.digest(), rawBytes });
          table = null;
          ended += 1;
          progress.tables += 1;
          await sink.end();
        }
        onProgress(progress);
      }
      await sink.finish();
    } catch (error) {
      throw explain(error, tables[ended] ?? tables[0]!);
    }
  };
  const results = await Promise.allSettled(clients.map(work));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return dumped.sort((a, b) => a.entry.ordinal - b.entry.ordinal);
}

function explain(error: unknown, { schema, name }: TableEntry): unknown {
  const table = `${schema}.${name}`;
  if (error instanceof pg.DatabaseError && error.code === '42501') {
    return new ConfigError(`The role may not read all rows of ${table}: ${error.message}.`, {
      hint: 'GRANT pg_read_all_data TO the backup role; with row-level security also ALTER ROLE … BYPASSRLS.',
      publicReason: 'the role may not read everything',
      cause: error,
    });
  }
  return explainServer(error, `${table} was read`);
}
