import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TableEntry } from '../../../src/archive/tables.ts';
import { fileNames } from '../../../src/export/folder-index.ts';

function tables(names: readonly [schema: string, name: string][]): TableEntry[] {
  return names.map(([schema, name], index) => ({
    ordinal: index + 1,
    schema,
    name,
    columns: [],
    filter: null,
    copy: '',
    estimatedRows: 0,
  }));
}
const namesOf = (...names: [string, string][]) => [...fileNames(tables(names), 'csv').values()];

test('plain names are kept, others are made safe', () => {
  expect(
    namesOf(
      ['public', 'staff'],
      ['public', 'Tag'],
      ['public', 'tag'],
      ['public', '../../etc/passwd'],
      ['..', 'x'],
      ["a'b", 'say "📦"'],
      ['a.b', 'c'],
      ['a', 'b.c'],
    ),
  ).toEqual([
    'public.staff.csv',
    'public.Tag.csv',
    'public.tag~3.csv',
    'public..._.._etc_passwd~4.csv',
    '_..x~5.csv',
    'a_b.say_____~6.csv',
    'a.b.c.csv',
    'a.b.c~8.csv',
  ]);
});

test('whatever the names, each file has one of its own that is safe anywhere', () => {
  const name = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 63 }),
    fc.string({ unit: fc.constantFrom('a', 'A', '.', '~', '1', '2', '/', '-'), minLength: 1, maxLength: 4 }),
    fc.constantFrom('x'.repeat(63), 'ü'.repeat(63)),
  );
  const unique = fc.uniqueArray(fc.tuple(name, name), { selector: (pair) => pair.join('\0') });
  fc.assert(
    fc.property(unique, (pairs) => {
      const files = namesOf(...pairs);
      expect(new Set(files.map((file) => file.toLowerCase())).size).toBe(pairs.length);
      for (const file of files) expect(file).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.~-]{0,119}\.csv$/);
    }),
  );
});
