import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/lib/digest.ts';
import { IntegrityError } from '../../src/lib/errors.ts';
import type { Comparison } from '../../src/restore/compare-content.ts';
import { compareTables, type ReadTable } from '../../src/restore/compare-tables.ts';
import { refuseDifference } from '../../src/restore/refuse-difference.ts';

/** What is compared after a restore, and that each difference there can be is refused, by name. */

const digest = (text: string) => digestOf(Buffer.from(text));
const table = (name: string, changes: Partial<ReadTable> = {}): ReadTable => ({
  ...{ ordinal: 1, schema: 'public', name, columns: ['a'], rows: 2, digest: digest(name), rawBytes: 4 },
  loadThrough: null,
  ...changes,
});

describe('tables', () => {
  const before = [table('one'), table('two')];
  const compared = (...after: ReadTable[]) => compareTables(before, after).differentTables;

  test('that came back are equal, in whatever order they are read', () => {
    expect(compared(table('two', { ordinal: 7 }), table('one'))).toEqual([]);
  });

  test.each<[string, ReadTable[], object]>([
    [
      'other rows of the same number',
      [table('one', { digest: digest('other') }), table('two')],
      { actualRows: 2 },
    ],
    ['another number with the same digest', [table('one', { rows: 3 }), table('two')], { actualRows: 3 }],
    ['none of a table', [table('two')], { actualRows: null }],
    ['a table of another schema', [table('one', { schema: 'other' }), table('two')], { actualRows: null }],
  ])('with %s differ', (_, after, found) => {
    expect(compared(...after)[0]).toMatchObject({ name: 'public.one', expectedRows: 2, ...found });
  });

  test('that nobody backed up differ', () => {
    expect(compared(...before, table('extra'))).toEqual([
      { name: 'public.extra', expectedRows: 0, actualRows: 2 },
    ]);
  });
});

describe('a comparison', () => {
  const equal: Comparison = {
    ...{ tables: 2, rows: 4, differentTables: [], differentGenerated: [], redistributed: [] },
    ...{ differentSequences: [], differentLargeObjects: [] },
    schema: { verdict: 'equal', differences: [] },
    contentRoot: { expected: digest('all'), actual: digest('all') },
    contentRootWithSourceSchema: digest('all'),
  };
  const difference = { kind: 'missing' as const, key: 'pg_class|public.one', attribute: null };
  const schema = (explanation: string | null) => ({
    schema: { verdict: 'different', differences: [{ ...difference, explanation }] } as Comparison['schema'],
  });
  const refused = (changes: Partial<Comparison>) => () => refuseDifference({ ...equal, ...changes }, 'look');

  test('without a difference, or with one that is explained, is no reason', () => {
    expect(refused({})).not.toThrow();
    expect(refused(schema('the same in other words'))).not.toThrow();
    expect(refused({ redistributed: ['public.parts'] })).not.toThrow();
  });

  test.each<[string, Partial<Comparison>, RegExp]>([
    [
      'of rows',
      { differentTables: [{ name: 'public.one', expectedRows: 2, actualRows: 1 }] },
      /public\.one \(2 rows expected, 1 found/,
    ],
    [
      'of a lost table',
      { differentTables: [{ name: 'public.one', expectedRows: 2, actualRows: null }] },
      /no table found/,
    ],
    ['of generated columns', { differentGenerated: ['public.one'] }, /generated columns of public\.one/],
    ['of a sequence', { differentSequences: ['public.s'] }, /sequence public\.s/],
    ['of a large object', { differentLargeObjects: [4711] }, /large object 4711/],
    ['of the schema', schema(null), /missing pg_class\|public\.one/],
  ])('with a difference %s is refused', (_, changes, words) => {
    expect(refused(changes)).toThrow(IntegrityError);
    expect(refused(changes)).toThrow(words);
  });

  test('with a hundred differences names the first and counts the rest', () => {
    const differentSequences = Array.from({ length: 100 }, (_, index) => `public.s${index}`);
    expect(refused({ differentSequences })).toThrow(/s4; and 95 more/);
  });
});
