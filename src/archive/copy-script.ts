import { IntegrityError } from '../lib/errors.ts';
import { endOfRows } from './copy-stream.ts';
import type { TableEntry } from './tables.ts';

export type ScriptPart =
  | { kind: 'begin'; table: TableEntry }
  | { kind: 'rows'; table: TableEntry; bytes: Buffer }
  | { kind: 'end'; table: TableEntry };

const lineFeed = 10;
const endInside = Buffer.from(`\n${endOfRows}`);
const endFirst = Buffer.from(endOfRows);

/** Takes a data stream apart again: the inverse of `CopyStreamWriter`, one per stream. */
export class CopyScriptReader {
  readonly #tables: ReadonlyMap<string, TableEntry>;
  readonly #name: string;
  #table: TableEntry | null = null;
  #isAtRowStart = true;

  /** @param tables by their COPY line */
  constructor(name: string, tables: ReadonlyMap<string, TableEntry>) {
    this.#name = name;
    this.#tables = tables;
  }

  /** The parts of the next frame. Frames never cut a COPY line or an end-of-rows line. @throws IntegrityError */
  *read(frame: Buffer): Generator<ScriptPart> {
    let rest = frame;
    while (rest.length > 0) {
      if (this.#table === null) {
        const end = rest.indexOf(lineFeed);
        const table = end < 0 ? undefined : this.#tables.get(rest.toString('utf8', 0, end));
        if (!table) throw this.#invalid('a COPY line that tables.json does not have');
        this.#table = table;
        this.#isAtRowStart = true;
        yield { kind: 'begin', table };
        rest = rest.subarray(end + 1);
        continue;
      }
      const table = this.#table;
      const rowsEnd = this.#rowsEnd(rest);
      const rows = rowsEnd < 0 ? rest : rest.subarray(0, rowsEnd);
      if (rows.length > 0) {
        this.#isAtRowStart = rows[rows.length - 1] === lineFeed;
        yield { kind: 'rows', table, bytes: rows };
      }
      if (rowsEnd < 0) return;
      this.#table = null;
      yield { kind: 'end', table };
      rest = rest.subarray(rowsEnd + endFirst.length);
    }
  }

  /** @throws IntegrityError when the stream stopped inside a table */
  finish() {
    if (this.#table !== null) throw this.#invalid('a table without its end');
  }

  /** Where the rows end in these bytes; -1 when they go on in the next frame. */
  #rowsEnd(bytes: Buffer): number {
    if (this.#isAtRowStart && bytes.subarray(0, endFirst.length).equals(endFirst)) return 0;
    const found = bytes.indexOf(endInside);
    return found < 0 ? -1 : found + 1;
  }

  #invalid(what: string) {
    return new IntegrityError(`The archive is damaged: ${this.#name} holds ${what}.`, {
      hint: 'Use another copy or an earlier backup.',
      publicReason: 'the archive is damaged',
    });
  }
}
