import { once } from 'node:events';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { TableEntry } from '../archive/tables.ts';
import { drained } from '../lib/drained.ts';
import { explainRebuild } from './explain-rebuild.ts';

const lineFeed = 10;

/**
 * Loads interleaved tables over the one connection whose transaction is to hold all of them: each part of a table is a
 * COPY of its own. A row that is not complete yet waits here, because a COPY can only end between rows.
 */
export class TransactionLoader {
  readonly #client: pg.ClientBase;
  readonly #incomplete = new Map<number, Buffer[]>();

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  /** @throws as `explainRebuild` says */
  async rows(table: TableEntry, bytes: Buffer): Promise<void> {
    const waiting = this.#incomplete.get(table.ordinal) ?? [];
    const end = bytes.lastIndexOf(lineFeed) + 1;
    if (end === 0) {
      this.#incomplete.set(table.ordinal, [...waiting, bytes]);
      return;
    }
    this.#incomplete.set(table.ordinal, end < bytes.length ? [bytes.subarray(end)] : []);
    await this.#copy(table, [...waiting, bytes.subarray(0, end)]);
  }

  async #copy(table: TableEntry, parts: Buffer[]) {
    const copy = this.#client.query(copyFrom(table.copy.replace(/ FROM stdin;$/, ' FROM STDIN')));
    try {
      const finished = once(copy, 'finish');
      // A server that refuses a row ends the COPY early; `finished` then says why.
      finished.catch(() => {});
      for (const part of parts) if (!copy.destroyed && !copy.write(part)) await drained(copy);
      copy.end();
      await finished;
    } catch (error) {
      throw explainRebuild(error, `the rows of ${table.schema}.${table.name}`);
    }
  }
}
