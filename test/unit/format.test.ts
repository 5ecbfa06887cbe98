import { expect, test } from 'vitest';
import { counted, formatBytes, formatDuration, rowsInTables } from '../../src/lib/format.ts';

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1234, '1.2 kB'],
  [99_950, '100.0 kB'],
  [123_456, '123 kB'],
  [999_499, '999 kB'],
  [999_500, '1.0 MB'],
  [1_234_567_890, '1.2 GB'],
  [5e12, '5.0 TB'],
  [5e15, '5000 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0.0 s'],
  [400, '0.4 s'],
  [9_900, '9.9 s'],
  [10_000, '10 s'],
  [59_499, '59 s'],
  [59_500, '1 min 0 s'],
  [200_000, '3 min 20 s'],
  [3_599_499, '59 min 59 s'],
  [3_599_500, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
  [90_000_000, '25 h 0 min'],
])('%i ms are %s', (durationMs, text) => {
  expect(formatDuration(durationMs)).toBe(text);
});

test.each([
  [0, 'no copies'],
  [1, '1 copy'],
  [2, '2 copies'],
  [12_345, '12,345 copies'],
])('%i of them are counted as %s', (count, text) => {
  expect(counted(count, 'copy', 'copies')).toBe(text);
});

test('rows in tables', () => {
  expect(rowsInTables(2345, 1)).toBe('2,345 rows in 1 table');
  expect(rowsInTables(1, 0)).toBe('1 row in no tables');
});
