import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRow } from '../../../src/export/csv.ts';

test.each([
  { fields: ['a', 'b'], row: 'a,b\n' },
  { fields: [null, '', null], row: ',"",\n' },
  {
    fields: ['a,b', 'say "x"', 'line\nfeed', 'return\r', ' spaces '],
    row: '"a,b","say ""x""","line\nfeed","return\r", spaces \n',
  },
  { fields: ['\\N', 'NULL', '\\'], row: '\\N,NULL,\\\n' },
  { fields: ['\\.'], row: '"\\."\n' },
  { fields: ['\\.', '1'], row: '\\.,1\n' },
  { fields: [], row: '\n' },
])('$row', ({ fields, row }) => {
  expect(csvRow(fields)).toBe(row);
});

/** RFC 4180, character by character; a field without quotes and without characters is NULL. */
function parseCsv(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let field: string | null = null;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') {
      field = '';
      for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at += 1;
        field += text[at];
      }
    } else if (character === ',' || character === '\n') {
      row.push(field);
      field = null;
      if (character === '\n') {
        rows.push(row);
        row = [];
      }
    } else field = (field ?? '') + character;
  }
  return rows;
}

test('whatever the fields, they can be read back, NULL apart from the empty text', () => {
  const field = fc.option(
    fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', '\\', '.', ' ', 'ß') }),
  );
  const width = fc.integer({ min: 1, max: 4 });
  const table = width.chain((n) => fc.array(fc.array(field, { minLength: n, maxLength: n })));
  fc.assert(
    fc.property(table, (rows) => {
      expect(parseCsv(rows.map(csvRow).join(''))).toEqual(rows);
    }),
    { numRuns: 500 },
  );
});
