import { expect, test } from 'vitest';
import { explainAnomaly, explainCause } from '../../../../src/health/anomaly/explain.ts';
import type { Measured } from '../../../../src/health/anomaly/history.ts';
import { judge } from '../../../../src/health/anomaly/judge.ts';
import { anomalyPolicy, measured, stillDays, tableRows, totals } from '../../../support/measured.ts';

const judged = (changes: Partial<Measured>) => ({
  ...judge(measured(0, changes), stillDays(14), anomalyPolicy),
  datedAhead: [],
});
const names = (pseudonym: string) => (pseudonym === 'notes' ? undefined : `public.${pseudonym}`);

test('nothing is said of a usual one', () => {
  expect(explainAnomaly(judged({}))).toEqual([]);
});

test('lost rows: what, how many, and that no migration did it', () => {
  expect(explainAnomaly(judged({ ...totals(21_030), tableRows: { ...tableRows, customers: 0 } }))).toEqual([
    '1 table that had 4,000 rows is empty now (compared with 14 backups).',
    'The size of the archive is 1.7 MB, 1.8 MB to 3.0 MB was expected (median 2.0 MB of 14 backups, 8 times the usual scatter away).',
    'The size of all rows is 6.3 MB, 6.8 MB to 11.3 MB was expected (median 7.5 MB of 14 backups, 8 times the usual scatter away).',
    'The number of rows is 21,030, 22,527 to 37,545 was expected (median 25,030 of 14 backups, 8 times the usual scatter away).',
    'The schema is the same as before: rows changed, no migration did this.',
    expect.stringMatching(/^It is stored and can be restored, but does not count as a good backup/),
  ]);
});

test('names are told only to those who may know them, and what is gone has none', () => {
  const lost = judged({ ...totals(25_030), tableRows: { ...tableRows, customers: 0, enquiries: 0 } });
  expect(explainAnomaly(lost)[0]).toBe(
    '2 tables that together had 13,000 rows are empty now (compared with 14 backups).',
  );
  expect(explainAnomaly(lost, names)[0]).toBe(
    '2 tables that together had 13,000 rows are empty now: public.enquiries, public.customers (compared with 14 backups).',
  );
  const { notes: _, ...others } = tableRows;
  const gone = judged({ ...totals(25_030), tableRows: { ...others, customers: 0 } });
  expect(explainAnomaly(gone, names)[0]).toBe(
    '2 tables that together had 16,000 rows are gone or empty now: public.customers and others (compared with 14 backups).',
  );
});

test('how the schema changed, in numbers', () => {
  const parts = {
    tables: { count: 4, digest: '0000000a' },
    columns: { count: 43, digest: '0000000b' },
    indexes: { count: 2, digest: '0000000c' },
  };
  const before = stillDays(14, {
    schemaParts: {
      ...parts,
      tables: { count: 5, digest: '1' },
      columns: { count: 40, digest: '2' },
      indexes: { count: 2, digest: '3' },
    },
  });
  const migrated = judge(measured(0, { fingerprint: 'two', schemaParts: parts }), before, anomalyPolicy);
  expect(explainCause({ ...migrated, datedAhead: [] })).toBe(
    'The schema changed too, so a migration may explain it: 1 table fewer, 3 columns more, indexes defined otherwise.',
  );
});

test('without counts, or with a key of another server, it says what it can', () => {
  expect(explainCause(judged({ fingerprint: 'two', schemaParts: null }))).toBe(
    'The schema changed too: a migration may explain it.',
  );
  const moved = judged({
    pseudonymKey: '1111bbbb',
    fingerprint: 'two',
    schemaParts: { tables: { count: 5, digest: 'f' }, columns: { count: 41, digest: 'f' } },
  });
  expect(moved.schema?.parts).toEqual([{ kind: 'columns', before: 40, after: 41 }]);
  expect(explainCause(moved)).toMatch(/1 column more\. The database is on another server/);
});
