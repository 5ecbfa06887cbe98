import { expect, test } from 'vitest';
import type { JsonRow } from '../../../src/source/crm-api/document.ts';
import { parseExactly } from '../../../src/source/crm-api/exact-json.ts';
import { inferColumns } from '../../../src/source/crm-api/infer-columns.ts';
import { copyText } from '../../../src/source/crm-api/json-copy.ts';

/** Rows of JSON become columns that give every value back as it was. */

const rowsOf = (json: string) => parseExactly(json) as JsonRow[];
const typeOf = (...values: string[]) =>
  inferColumns('t', rowsOf(`[${values.map((value) => `{"a":${value}}`).join(',')}]`))[0]!.type;

test.each([
  [['true', 'null', 'false'], 'boolean'],
  [['1', '-20', 'null'], 'bigint'],
  [['9223372036854775807', '-9223372036854775808'], 'bigint'],
  [['9223372036854775808'], 'numeric'],
  [['1', '1.50'], 'numeric'],
  [['0.1', '12345678901234567890.12345'], 'numeric'],
  [['1e5'], 'json'],
  [['-0'], 'json'],
  [['-0.00', '1'], 'json'],
  [[`1${'0'.repeat(2000)}`], 'json'],
  [['"a"', 'null'], 'text'],
  [['"2026-11-22T02:00:00.000Z"'], 'text'],
  [['null'], 'text'],
  [['"\\u0000"'], 'json'],
  [['"\\ud800"', '"b"'], 'json'],
  [['1', '"1"'], 'json'],
  [['true', '1'], 'json'],
  [['{"b":[1]}'], 'json'],
  [['[]', 'null'], 'json'],
])('%j is %s', (values, type) => {
  expect(typeOf(...values)).toBe(type);
});

test('columns are those of all rows, by name', () => {
  const columns = inferColumns('t', rowsOf('[{"b":1},{"a":"x","__proto__":2},{}]'));
  expect(columns.map(({ name }) => name)).toEqual(['__proto__', 'a', 'b']);
  expect(inferColumns('t', [])).toEqual([]);
});

test.each(['xmin', 'x'.repeat(64)])('a member %s can be no column', (name) => {
  expect(() => inferColumns('t', [{ [name]: 1 }])).toThrow(/no name of a column/);
});

test('a table of more columns than PostgreSQL has room for', () => {
  const row = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`c${index}`, 1]));
  expect(() => inferColumns('t', [row])).toThrow(/1001 columns/);
});

test('COPY text keeps digits, escapes, and tells NULL from nothing', () => {
  const rows = rowsOf(
    '[{"a":9007199254740993,"b":1.50,"c":"x\\ty\\\\N\\n\\b\\f\\u000b\\r","d":{"n":1.10,"s":"\\ud800"},"e":true},{"a":null,"c":""}]',
  );
  const text = Buffer.concat([...copyText(rows, inferColumns('t', rows))]).toString();
  expect(text).toBe(
    '9007199254740993\t1.50\tx\\ty\\\\N\\n\\b\\f\\v\\r\t{"n":1.10,"s":"\\\\ud800"}\tt\n\\N\t\\N\t\t\\N\t\\N\n',
  );
});

test('many rows come in batches of whole rows', () => {
  const rows = Array.from({ length: 9000 }, (_, id) => ({ id, name: 'é'.repeat(30) }));
  const batches = [...copyText(rows, inferColumns('t', rows))];
  expect(batches.length).toBeGreaterThan(1);
  expect(batches.every((batch) => batch.at(-1) === 10)).toBe(true);
  expect(Buffer.concat(batches).toString().split('\n')).toHaveLength(9001);
});
