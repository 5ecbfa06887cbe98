import type pg from 'pg';
import type { TableEntry } from '../archive/tables.ts';
import { qualifiedName } from '../lib/sql.ts';
import { type Connected, disconnect } from '../source/postgres/connect.ts';
import { CopyIn } from '../source/postgres/copy-in.ts';
import { explainRebuild } from './explain-rebuild.ts';

const maxConnections = 4;
/** A table with more is loaded by itself as it comes; others wait for each other, and go in many to a round trip. */
const smallTableBytes = 256 * 1024;
const batchBytes = 1 << 20;
const tablesPerBatch = 256;

/** A table whose rows are coming. */
interface OpenTable {
  /** Rows kept back while the table may turn out to be small. */
  parts: Buffer[];
  bytes: number;
  /** Null while it does. */
  load: { client: pg.Client; copy: CopyIn } | null;
}

/**
 * Loads tables as their rows come out of an archive, several interleaved, into a database where nothing else is at work.
 */
export class RowLoader implements AsyncDisposable {
  readonly #connect: () => Promise<Connected>;
  readonly #clients: pg.Client[] = [];
  readonly #idle: pg.Client[] = [];
  readonly #open = new Map<number, OpenTable>();
  #batch: { table: TableEntry; parts: Buffer[] }[] = [];
  #batchBytes = 0;
  readonly #ending = new Set<Promise<void>>();
  #failure: unknown = null;

  constructor(connect: () => Promise<Connected>) {
    this.#connect = connect;
  }

  /** @throws what an earlier table failed with */
  begin(table: TableEntry): void {
    if (this.#failure) throw this.#failure;
    this.#open.set(table.ordinal, { parts: [], bytes: 0, load: null });
  }

  /** Resolves when there is room for more of this table. @throws as `explainRebuild` says */
  async rows(table: TableEntry, bytes: Buffer): Promise<void> {
    const open = this.#open.get(table.ordinal)!;
    open.bytes += bytes.length;
    if (!open.load && open.bytes <= smallTableBytes) {
      open.parts.push(bytes);
      return;
    }
    if (!open.load) {
      const client = await this.#client();
      open.load = { client, copy: new CopyIn(client, statementsFor(table)) };
      for (const part of open.parts.splice(0)) await open.load.copy.rows(part);
    }
    await open.load.copy.rows(bytes);
    if (open.load.copy.error) throw explainRebuild(open.load.copy.error, rowsOf(table));
  }

  /** Ends a table without waiting for it: other tables go on meanwhile. Its failure is thrown by a later call. */
  async end(table: TableEntry): Promise<void> {
    const { parts, bytes, load } = this.#open.get(table.ordinal)!;
    this.#open.delete(table.ordinal);
    if (load) {
      load.copy.end();
      this.#follow(load.client, load.copy, () => table);
      return;
    }
    this.#batch.push({ table, parts });
    this.#batchBytes += bytes;
    if (this.#batchBytes >= batchBytes || this.#batch.length >= tablesPerBatch) await this.#sendBatch();
  }

  /** Resolves when all tables that ended are in the database. */
  async finish(): Promise<void> {
    if (this.#batch.length > 0) await this.#sendBatch();
    await Promise.all(this.#ending);
    if (this.#failure) throw this.#failure;
  }

  async [Symbol.asyncDispose]() {
    await Promise.all(this.#clients.map(disconnect));
  }

  async #sendBatch() {
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    const client = await this.#client();
    const copy = new CopyIn(
      client,
      batch.map(({ table }) => copyFromStdin(table)),
    );
    for (const { parts } of batch) {
      for (const part of parts) await copy.rows(part);
      copy.end();
    }
    this.#follow(client, copy, () => batch[copy.completed]?.table ?? batch[0]!.table);
  }

  /** @param failing which table it is that failed */
  #follow(client: pg.Client, copy: CopyIn, failing: () => TableEntry) {
    const ending = copy.finished
      .catch((error) => {
        this.#failure ??= explainRebuild(error, rowsOf(failing()));
      })
      .finally(() => {
        this.#ending.delete(ending);
        this.#idle.push(client);
      });
    this.#ending.add(ending);
  }

  async #client(): Promise<pg.Client> {
    while (this.#idle.length === 0 && this.#clients.length >= maxConnections && this.#ending.size > 0)
      await Promise.race(this.#ending);
    const idle = this.#idle.pop();
    if (idle) return idle;
    const { client } = await this.#connect();
    this.#clients.push(client);
    return client;
  }
}

function rowsOf(table: TableEntry): string {
  return `the rows of ${table.schema}.${table.name}`;
}

function copyFromStdin(table: TableEntry): string {
  return table.copy.replace(/ FROM stdin;$/, ' FROM STDIN');
}

/**
 * A table emptied in the same transaction takes its rows frozen: no WAL where the server writes as little as it may, and
 * reading them back for the comparison writes no hint bits. Not one that goes in through its parent, which can't be
 * frozen, nor an extension's, which holds rows of the extension's own.
 */
function statementsFor(table: TableEntry): string[] {
  const copy = copyFromStdin(table);
  const name = qualifiedName(table);
  const isOwn = table.filter === null && !copy.includes(` /* ${table.ordinal} */ FROM `);
  return isOwn ? [`TRUNCATE ONLY ${name}`, `${copy} WITH (FREEZE)`] : [copy];
}
