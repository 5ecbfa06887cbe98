import type { JsonRow } from './document.ts';
import { numberText } from './exact-json.ts';
import type { InferredColumn } from './infer-columns.ts';

/** Rows of JSON as COPY text, byte for byte as PostgreSQL itself writes the same rows. */

const batchLength = 256 * 1024;
const escapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** In batches of whole rows. */
export function* copyText(rows: readonly JsonRow[], columns: readonly InferredColumn[]): Generator<Buffer> {
  let batch = '';
  for (const row of rows) {
    batch += `${columns.map((column) => field(memberOf(row, column.name), column)).join('\t')}\n`;
    if (batch.length < batchLength) continue;
    yield Buffer.from(batch);
    batch = '';
  }
  if (batch !== '') yield Buffer.from(batch);
}

/** Rows have the members they have: `constructor` is a column like any other, and no row inherits one. */
function memberOf(row: JsonRow, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

function field(value: unknown, { type }: InferredColumn): string {
  if (value === null || value === undefined) return '\\N';
  const text = type === 'json' ? JSON.stringify(value) : plain(value);
  return text.replace(/[\\\b\f\n\r\t\v]/g, (character) => escapes[character]!);
}

function plain(value: unknown): string {
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return numberText(value) ?? (value as string);
}
