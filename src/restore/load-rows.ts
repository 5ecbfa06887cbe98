import type pg from 'pg';
import { type CopyStreamQuery, from as copyFrom } from 'pg-copy-streams';
import type { TableEntry } from '../archive/tables.ts';
import { drained } from '../lib/drained.ts';
import { type Connected, disconnect } from '../source/postgres/connect.ts';
import { explainRebuild } from './explain-rebuild.ts';

/** One COPY … FROM STDIN under way. */
interface OpenTable {
  client: pg.Client;
  copy: CopyStreamQuery;
  /** Why the server ended it early; null while it has not. */
  error: Error | null;
}

const maxConnections = 4;

/**
 * Loads tables as their rows come out of an archive, several interleaved, each through one COPY of its own: a backup
 * that read over several connections is written over as many.
 */
export class RowLoader implements AsyncDisposable {
  readonly #connect: () => Promise<Connected>;
  readonly #clients: pg.Client[] = [];
  readonly #idle: pg.Client[] = [];
  readonly #open = new Map<number, OpenTable>();
  readonly #ending = new Set<Promise<void>>();
  #failure: unknown = null;

  constructor(connect: () => Promise<Connected>) {
    this.#connect = connect;
  }

  async begin(table: TableEntry): Promise<void> {
    if (this.#failure) throw this.#failure;
    const client = await this.#client();
    const copy = client.query(copyFrom(table.copy.replace(/ FROM stdin;$/, ' FROM STDIN')));
    const open: OpenTable = { client, copy, error: null };
    copy.on('error', (error) => {
      open.error ??= error;
    });
    this.#open.set(table.ordinal, open);
  }

  /** Resolves when there is room for more of this table. @throws as `explainRebuild` says */
  async rows(table: TableEntry, bytes: Buffer): Promise<void> {
    const open = this.#open.get(table.ordinal)!;
    if (open.error === null && !open.copy.write(bytes)) await drained(open.copy);
    if (open.error) throw explainRebuild(open.error, `the rows of ${table.schema}.${table.name}`);
  }

  /** Ends a table without waiting for it: other tables go on meanwhile. Its failure is thrown by the next call. */
  end(table: TableEntry): void {
    const open = this.#open.get(table.ordinal)!;
    this.#open.delete(table.ordinal);
    const ending = finishCopy(open, table)
      .catch((error) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#ending.delete(ending);
        this.#idle.push(open.client);
      });
    this.#ending.add(ending);
  }

  /** Resolves when all tables that ended are in the database. */
  async finish(): Promise<void> {
    await Promise.all(this.#ending);
    if (this.#failure) throw this.#failure;
  }

  async [Symbol.asyncDispose]() {
    await Promise.all(this.#clients.map(disconnect));
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

async function finishCopy(open: OpenTable, table: TableEntry): Promise<void> {
  const finished = new Promise<void>((resolve, reject) => {
    open.copy.once('finish', resolve);
    open.copy.once('error', reject);
    if (open.error) reject(open.error);
  });
  open.copy.end();
  try {
    await finished;
  } catch (error) {
    throw explainRebuild(error, `the rows of ${table.schema}.${table.name}`);
  }
}
