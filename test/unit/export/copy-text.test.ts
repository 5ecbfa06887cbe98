import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRows, WholeRows } from '../../../src/export/copy-text.ts';
import { cutAt } from '../../support/pieces.ts';

const decode = (text: string) => [...decodeRows(Buffer.from(text, 'latin1'))];

describe('a row of COPY text', () => {
  test.each([
    { name: 'fields at tabs', text: 'a\tb\t\n', fields: ['a', 'b', ''] },
    { name: 'one empty field', text: '\n', fields: [''] },
    {
      name: 'NULL and what only looks like it',
      text: '\\N\t\\\\N\tN\t\\Nx\n',
      fields: [null, '\\N', 'N', 'Nx'],
    },
    { name: 'letters', text: '\\b\\f\\n\\r\\t\\v\\\\\n', fields: ['\b\f\n\r\t\v\\'] },
    { name: 'octal', text: '\\0\\12\\1011\\777\n', fields: ['\0\nA1\xff'] },
    { name: 'hexadecimal', text: '\\x9\\x411\\xfF\\xg\n', fields: ['\tA1\xffxg'] },
    { name: 'any other character', text: '\\q\\.\\"\n', fields: ['q."'] },
    { name: 'a tab behind a backslash', text: 'a\\\tb\tc\n', fields: ['a\tb', 'c'] },
    { name: 'a tab behind an escaped backslash', text: 'a\\\\\tb\\\\\\\tc\n', fields: ['a\\', 'b\\\tc'] },
    { name: 'an end of data that is none', text: '\\\\.\n', fields: ['\\.'] },
  ])('$name', ({ text, fields }) => {
    expect(decode(text)).toEqual([fields]);
  });

  test('bytes of any encoding pass unchanged', () => {
    const bytes = Buffer.from('ß 👩‍👩‍👧 \u{2028}\n');
    const [[field] = []] = [...decodeRows(bytes)];
    expect(Buffer.from(`${field}\n`, 'latin1')).toEqual(bytes);
  });
});

/** One character in one of the ways that COPY lets it be written; `choice` picks. */
function written(character: string, choice: number, next: string): string {
  const code = character.charCodeAt(0);
  const ways = [`\\${code.toString(8).padStart(3, '0')}`, `\\x${code.toString(16).padStart(2, '0')}`];
  const letter = { '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't', '\v': 'v' }[character];
  if (letter) ways.push(`\\${letter}`);
  if (!/[0-7xbfnrtvN\n]/.test(character)) ways.push(`\\${character}`);
  if (!/[\\\t\n]/.test(character)) ways.push(character);
  if (!/[0-7]/.test(next)) ways.push(`\\${code.toString(8)}`);
  if (!/[0-9a-f]/i.test(next)) ways.push(`\\x${code.toString(16)}`);
  return ways[choice % ways.length]!;
}

const value = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const special = fc.constantFrom('\\N', '\\.', '', '\t', '\n', '\\', '\\\\', 'N', '\\t', '\r\n');
const rows = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.array(fc.array(fc.option(fc.oneof(value, special)), { minLength: width, maxLength: width }), {
    maxLength: 8,
  }),
);

test('whatever the values, however they are escaped and wherever they are cut', () => {
  fc.assert(
    fc.property(rows, fc.array(fc.nat(), { minLength: 1 }), fc.array(fc.nat()), (table, choices, cuts) => {
      let nth = 0;
      const text = table
        .map((row) => {
          const fields = row.map((field) =>
            field === null
              ? '\\N'
              : [...field]
                  .map((c, at) => written(c, choices[nth++ % choices.length]!, field[at + 1] ?? ''))
                  .join(''),
          );
          return `${fields.join('\t')}\n`;
        })
        .join('');
      const whole = new WholeRows();
      const decoded = cutAt(Buffer.from(text, 'latin1'), cuts).flatMap((piece) => {
        const found = whole.take(piece);
        return found ? [...decodeRows(found)] : [];
      });
      expect(decoded).toEqual(table);
      expect(whole.isInsideRow).toBe(false);
    }),
    { numRuns: 500 },
  );
});

test('a row without its end is known to be open', () => {
  const whole = new WholeRows();
  expect(whole.take(Buffer.from('a\nb'))?.toString()).toBe('a\n');
  expect(whole.isInsideRow).toBe(true);
  expect(whole.take(Buffer.from('c'))).toBeNull();
  expect(whole.take(Buffer.from('\n'))?.toString()).toBe('bc\n');
  expect(whole.isInsideRow).toBe(false);
});

test('rows longer and shorter than what is decoded at once', () => {
  const lengths = [0, 1, 65_535, 65_536, 65_537, 10, 200_000, 30_000, 30_000, 30_000, 5];
  const rows = lengths.map((length, index) => [String(index), 'x'.repeat(length)]);
  expect(decode(rows.map((row) => `${row.join('\t')}\n`).join(''))).toEqual(rows);
});
