import type { JsonRow } from './document.ts';
import { numberText } from './exact-json.ts';
import { notAsPromised } from './not-as-promised.ts';

/**
 * Columns for rows of JSON, of the narrowest type in which PostgreSQL gives back every value exactly as it was. Texts stay
 * texts, also where they look like times. What fits no other type is `json`, which keeps the text of any value.
 */

export type ColumnType = 'boolean' | 'bigint' | 'numeric' | 'text' | 'json';

export interface InferredColumn {
  name: string;
  type: ColumnType;
}

/** PostgreSQL's limit for a table is 1600, less for wide types. */
const mostColumns = 1000;
const systemColumns = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

/**
 * The columns of a table, by name, so that the same rows give the same table. Null and a missing member are both NULL; a
 * column that has nothing else is `text`.
 *
 * @throws IntegrityError when a member's name can be no column's
 */
export function inferColumns(table: string, rows: readonly JsonRow[]): InferredColumn[] {
  const types = new Map<string, ColumnType | null>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const known = types.get(name) ?? null;
      if (known === 'json') continue;
      const own = value === null ? null : typeOf(value);
      types.set(name, known === null || own === null ? (known ?? own) : common(known, own));
    }
  }
  const names = [...types.keys()].sort();
  const strange = names.find((name) => !canBeColumn(name));
  if (strange !== undefined)
    throw notAsPromised(
      `${table} has a member ${JSON.stringify(strange.slice(0, 80))}, which is no name of a column`,
    );
  if (names.length > mostColumns) throw notAsPromised(`${table} has ${names.length} columns`);
  return names.map((name) => ({ name, type: types.get(name) ?? 'text' }));
}

function canBeColumn(name: string): boolean {
  const bytes = Buffer.byteLength(name);
  return (
    bytes > 0 && bytes <= 63 && name.isWellFormed() && !name.includes('\0') && !systemColumns.includes(name)
  );
}

const whole = /^-?(0|[1-9]\d*)$/;
/** As PostgreSQL writes it; it has room for many more digits. */
const decimal = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const mostDigits = 1000;
const [leastBigint, mostBigint] = [-(2n ** 63n), 2n ** 63n - 1n];

function typeOf(value: unknown): ColumnType {
  if (typeof value === 'boolean') return 'boolean';
  // PostgreSQL's text has neither a zero nor half of a surrogate pair.
  if (typeof value === 'string') return value.includes('\0') || !value.isWellFormed() ? 'json' : 'text';
  const number = numberText(value);
  if (number === null || number.length > mostDigits || !decimal.test(number)) return 'json';
  // It has no negative zero.
  if (/^-[0.]+$/.test(number)) return 'json';
  if (!whole.test(number)) return 'numeric';
  const integer = BigInt(number);
  return integer >= leastBigint && integer <= mostBigint ? 'bigint' : 'numeric';
}

function common(one: ColumnType, other: ColumnType): ColumnType {
  if (one === other) return one;
  return isNumber(one) && isNumber(other) ? 'numeric' : 'json';
}

function isNumber(type: ColumnType): boolean {
  return type === 'bigint' || type === 'numeric';
}
