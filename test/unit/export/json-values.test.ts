import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonConverter } from '../../../src/export/json-values.ts';
import { describeSchema } from '../../../src/export/schema-description.ts';

const schema = describeSchema({
  version: 1,
  entries: [
    { key: 'pg_type|public.price', attributes: { typtype: 'd', typbasetype: 'numeric', typdelim: ',' } },
    {
      key: 'pg_type|public.prices',
      attributes: { typtype: 'd', typbasetype: 'public."price"[]', typdelim: ',' },
    },
    { key: 'pg_type|public.odd', attributes: { typtype: 'b', typdelim: '|' } },
  ],
});
const json = (type: string | null, text: string) => jsonConverter(type, schema)(text);

describe('a value becomes', () => {
  test.each([
    ['integer', '-5', '-5'],
    ['bigint', '9007199254740991', '9007199254740991'],
    ['bigint', '9007199254740992', '"9007199254740992"'],
    ['bigint', '-9223372036854775808', '"-9223372036854775808"'],
    ['numeric', '1234.50', '1234.50'],
    ['numeric', '0.1000000000000000000000', '0.1000000000000000000000'],
    ['numeric', '123456789012.345', '123456789012.345'],
    ['numeric', '1234567890123.456', '"1234567890123.456"'],
    ['numeric', '12345678901234567890', '"12345678901234567890"'],
    ['numeric', `0.${'0'.repeat(400)}1`, `"0.${'0'.repeat(400)}1"`],
    ['numeric', `1${'0'.repeat(400)}`, `"1${'0'.repeat(400)}"`],
    ['numeric', 'NaN', '"NaN"'],
    ['double precision', '-0', '-0'],
    ['double precision', '1e-07', '1e-07'],
    ['double precision', '0.30000000000000004', '0.30000000000000004'],
    ['real', '-Infinity', '"-Infinity"'],
    ['boolean', 't', 'true'],
    ['boolean', 'f', 'false'],
    ['pg_catalog.jsonb', '{"a": [1, null]}', '{"a": [1, null]}'],
    ['pg_catalog.json', ' null ', ' null '],
    ['timestamp with time zone', '2026-11-22 02:00:00.000001+00', '"2026-11-22T02:00:00.000001+00:00"'],
    ['timestamp without time zone', '2026-11-22 02:00:00', '"2026-11-22T02:00:00"'],
    ['timestamp with time zone', 'infinity', '"infinity"'],
    ['timestamp with time zone', '0044-03-15 12:00:00+00 BC', '"0044-03-15 12:00:00+00 BC"'],
    ['timestamp with time zone', '12026-11-22 02:00:00+00', '"12026-11-22 02:00:00+00"'],
    ['pg_catalog.date', '2026-11-22', '"2026-11-22"'],
    ['pg_catalog.bytea', '\\x00ff', '"\\\\x00ff"'],
    ['pg_catalog.text', 'a "b"\n\0', '"a \\"b\\"\\n\\u0000"'],
    ['public.unknown', '1', '"1"'],
    [null, '1', '"1"'],
    ['public.price', '1.5', '1.5'],
    ['integer[]', '{}', '[]'],
    ['integer[]', '{1,NULL,-3}', '[1,null,-3]'],
    ['integer[]', '{{1,2},{NULL,4}}', '[[1,2],[null,4]]'],
    ['integer[]', '[0:1]={1,2}', '"[0:1]={1,2}"'],
    [
      'pg_catalog.text[]',
      '{"",NULL,"NULL","a\\"b","\\\\","{x,y}"}',
      '["",null,"NULL","a\\"b","\\\\","{x,y}"]',
    ],
    ['pg_catalog.jsonb[]', '{"{\\"a\\": \\"\\\\\\"\\"}"}', '[{"a": "\\""}]'],
    ['boolean[]', '{t,f}', '[true,false]'],
    ['public.prices', '{1.5,2}', '[1.5,2]'],
    ['pg_catalog.box[]', '{(1,1),(0,0);(2,2),(1,1)}', '"{(1,1),(0,0);(2,2),(1,1)}"'],
    ['public.odd[]', '{1|2}', '"{1|2}"'],
  ])('%s %s', (type, text, expected) => {
    expect(json(type, text)).toBe(expected);
    expect(() => JSON.parse(expected)).not.toThrow();
  });
});

/** The value of decimal digits as `digits × 10^exponent` without zeros at the end. */
function exactly(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text)!;
  const digits = (whole + fraction).replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  const power = Number(exponent) - fraction.length + digits.length - trimmed.length;
  return trimmed === '' ? '0' : `${sign}${trimmed}e${power}`;
}

test('a number that is read into a double and written again is still the same', () => {
  const digits = (max: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });
  const numeric = fc
    .tuple(fc.constantFrom('', '-'), digits(22), fc.option(digits(320)))
    .map(([sign, whole, fraction]) => {
      const plain = whole.replace(/^0+(?=\d)/, '');
      return fraction === null ? sign + plain : `${sign}${plain}.${fraction}`;
    });
  let numbers = 0;
  fc.assert(
    fc.property(numeric, (text) => {
      const value = JSON.parse(json('numeric', text));
      if (typeof value === 'string') expect(value).toBe(text);
      else {
        numbers += 1;
        expect(exactly(String(value))).toBe(exactly(text));
      }
    }),
    { numRuns: 2000 },
  );
  expect(numbers).toBeGreaterThan(100);
});

test('an array of any texts comes back', () => {
  const literal = (items: readonly unknown[]): string =>
    `{${items
      .map((item) =>
        item === null
          ? 'NULL'
          : Array.isArray(item)
            ? literal(item)
            : `"${(item as string).replace(/(["\\])/g, '\\$1')}"`,
      )
      .join(',')}}`;
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '{', '}', ',', ' ', 'NULL', '\n') });
  const row = fc.array(fc.option(text), { minLength: 1 });
  fc.assert(
    fc.property(fc.oneof(row, fc.array(row, { minLength: 1 })), (items) => {
      expect(JSON.parse(json('pg_catalog.text[]', literal(items)))).toEqual(items);
    }),
  );
});

test('a schema of another version is refused', () => {
  for (const other of [null, {}, { version: 2, entries: [] }])
    expect(() => describeSchema(other)).toThrow(/version that this Holdfast does not know/);
});
