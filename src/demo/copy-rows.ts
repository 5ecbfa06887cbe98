import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from } from 'pg-copy-streams';

/** NULL in COPY text. */
export const sqlNull = '\\N';

const batchLength = 256 * 1024;
const special = /[\\\n\r\t]/g;
const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A value as COPY text. */
export function copyText(value: string): string {
  return value.replace(special, (found) => escapes[found]!);
}

/** A whole row as COPY text, newline included. Convenient, and too slow for the big tables. */
export function copyRow(values: readonly (string | number | boolean | null)[]): string {
  return `${values.map((value) => (value === null ? sqlNull : copyText(String(value)))).join('\t')}\n`;
}

/** Joins rows to buffers of about 256 KB: one stream write, and one promise, per batch instead of per row. */
export function* batchesOf(rows: Iterable<string>): Generator<Buffer> {
  let batch = '';
  for (const row of rows) {
    batch += row;
    if (batch.length >= batchLength) {
      yield Buffer.from(batch);
      batch = '';
    }
  }
  if (batch !== '') yield Buffer.from(batch);
}

/**
 * Streams rows into a table; memory stays at a few batches. Returns the number of rows that the server counted.
 *
 * @throws the server's own error when it refuses a row; the transaction is then aborted.
 */
export async function copyRows(
  client: pg.Client,
  target: string,
  rows: Iterable<string>,
  options: { freeze: boolean },
): Promise<number> {
  const stream = client.query(from(`COPY ${target} FROM STDIN${options.freeze ? ' WITH (FREEZE)' : ''}`));
  await pipeline(Readable.from(batchesOf(rows), { objectMode: true, highWaterMark: 1 }), stream);
  return stream.rowCount;
}
