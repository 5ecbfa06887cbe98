import { describe, expect, test } from 'vitest';
import type { Measured, PastBackup } from '../../../../src/health/anomaly/history.ts';
import { judge } from '../../../../src/health/anomaly/judge.ts';
import { median, scatter } from '../../../../src/health/anomaly/statistics.ts';
import { anomalyPolicy, measured, past, stillDays, tableRows, totals } from '../../../support/measured.ts';

const verdict = (changes: Partial<Measured>, history: PastBackup[] = stillDays(14)) =>
  judge(measured(0, changes), history, anomalyPolicy);
const said = (changes: Partial<Measured>, history?: PastBackup[]) =>
  verdict(changes, history).findings.map(({ series, rule, severity }) => `${severity} ${series} ${rule}`);

test('the same as ever is usual, and the first one has nothing to be compared with', () => {
  expect(verdict({})).toMatchObject({ verdict: 'usual', findings: [], n: 14, tables: 'compared' });
  expect(verdict({}, [])).toMatchObject({ verdict: 'learning', n: 0, comparedWith: null, schema: null });
  expect(verdict({}, stillDays(6)).verdict).toBe('learning');
  expect(verdict({}, stillDays(7)).verdict).toBe('usual');
});

describe('totals', () => {
  test.each<[string, number, string]>([
    ['a fifth less', 20_000, 'warning'],
    ['a twentieth less', 23_800, 'usual'],
    ['half more', 38_000, 'warning'],
    ['a third more', 33_000, 'usual'],
    ['half less', 12_500, 'quarantine'],
    ['nothing left', 0, 'quarantine'],
  ])('%s', (_, rows, expected) => {
    expect(verdict(totals(rows)).verdict).toBe(expected);
  });

  test('a finding has the value, the range, the rule and the number compared with', () => {
    const [finding] = verdict({ rows: 12_000 }).findings;
    expect(finding).toEqual({
      series: 'rows',
      rule: 'shrink',
      severity: 'quarantine',
      value: 12_000,
      median: 25_030,
      expected: [22_527, 37_545],
      z: -26,
      n: 14,
      tables: null,
    });
  });

  test('what scatters by as much anyway is no news', () => {
    const wild = Array.from({ length: 14 }, (_, index) =>
      past(index - 14, totals(index % 2 ? 15_000 : 26_000)),
    );
    expect(verdict(totals(15_000), wild).verdict).toBe('usual');
    expect(verdict(totals(5000), wild).verdict).toBe('quarantine');
  });

  test('a database of some rows may halve without a word', () => {
    const tiny = { ...totals(80), tableRows: { a: 80 } };
    expect(verdict({ ...totals(10), tableRows: { a: 10 } }, stillDays(14, tiny)).verdict).toBe('usual');
  });

  test('steady growth is never unusual', () => {
    let history: PastBackup[] = [];
    for (let day = -200; day < 0; day += 1) {
      const size = totals(1000 + (day + 200) * 150);
      const found = judge(measured(day, size), history, anomalyPolicy);
      expect(['usual', 'learning']).toContain(found.verdict);
      history = [...history, past(day, { ...size, verdict: found.verdict })];
    }
  });

  test('in a cold start only the one before counts', () => {
    const two = [past(-2, totals(1000)), past(-1)];
    expect(verdict({}, two).verdict).toBe('learning');
    expect(verdict(totals(16_500), two)).toMatchObject({
      verdict: 'warning',
      findings: [{ rule: 'cold-start', median: 25_030 * 80, n: 2, z: null }, {}, {}],
    });
  });

  test('rows of another size, or that compress otherwise, are told of though their number is the same', () => {
    expect(said({ rawBytes: 25_030 * 330 })).toContain('warning bytesPerRow statistics');
    expect(said({ sizeBytes: 25_030 * 110 })).toContain('warning storedRatio statistics');
  });

  test('longer than usual is only a note', () => {
    expect(verdict({ durationMs: 900_000 })).toMatchObject({
      verdict: 'usual',
      findings: [{ series: 'durationMs', severity: 'info' }],
    });
    expect(said({ durationMs: 170_000 })).toEqual([]);
  });
});

describe('single tables', () => {
  test.each<[string, Partial<Record<string, number>>]>([
    ['emptied', { ...tableRows, customers: 0 }],
    ['gone', { enquiries: 9000, notes: 12_000, staff: 30, tags: 0 }],
  ])('a table %s, while the others grew as much', (_, rows) => {
    const found = verdict({ ...totals(25_030), tableRows: rows as Record<string, number> });
    expect(found.verdict).toBe('quarantine');
    expect(found.findings).toMatchObject([
      { rule: 'emptied', value: 0, median: 4000, tables: { count: 1, worst: [{ table: 'customers' }] } },
    ]);
  });

  test('a table of less than a hundred rows, or a new one, may be empty', () => {
    expect(said({ ...totals(25_000), tableRows: { ...tableRows, staff: 0 } })).toEqual([]);
    expect(said({ tableRows: { ...tableRows, fresh: 0 } })).toEqual([]);
  });

  test('one that was at fewer rows now and then, such as a queue, is only worth a look', () => {
    const history = stillDays(14).map((each, index) =>
      index === 5 ? { ...each, tableRows: { enquiries: 9000, notes: 12_000 } } : each,
    );
    expect(said({ ...totals(25_030), tableRows: { ...tableRows, customers: 0 } }, history)).toEqual([
      'warning tableRows emptied',
    ]);
  });

  test('the last three say whether it still has rows', () => {
    const without = { tableRows: { enquiries: 9000, notes: 12_000 } };
    const history = [...stillDays(14).slice(0, 13), past(-1, { ...totals(25_030), ...without })];
    expect(said({ ...totals(25_030), ...without }, history)).toEqual([]);
  });

  test('a renamed table is recognised by its rows', () => {
    const { customers, ...others } = tableRows;
    expect(said({ tableRows: { ...others, clients: customers + 20 } })).toEqual(['info tableRows renamed']);
    expect(verdict({ tableRows: { ...others, clients: 2000 } }).verdict).toBe('quarantine');
  });

  test('most of a table lost is a warning although the totals hardly move', () => {
    const found = verdict({ ...totals(25_030), tableRows: { ...tableRows, customers: 1500 } });
    expect(found).toMatchObject({ verdict: 'warning', findings: [{ rule: 'shrink', value: 1500 }] });
  });

  test('rows that are left out on purpose are not missed', () => {
    const { customers: _, ...others } = tableRows;
    const leftOut = new Set(['customers']);
    expect(said({ ...totals(25_030), tableRows: others, leftOut })).toEqual([]);
  });

  test('many tables are one finding that lists the worst ten', () => {
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`t${index}`, 1000 + index]));
    const empty = Object.fromEntries(Object.keys(many).map((name) => [name, 0]));
    const found = verdict({ tableRows: empty }, stillDays(14, { tableRows: many }));
    expect(found.findings.filter((finding) => finding.series === 'tableRows')).toHaveLength(1);
    expect(found.findings[0]?.tables).toMatchObject({ count: 40 });
    expect(found.findings[0]?.tables?.worst).toHaveLength(10);
    expect(found.findings[0]?.tables?.worst[0]).toEqual({ table: 't39', rows: 0, median: 1039 });
  });

  test('on another server, tables are not called gone', () => {
    const moved = { pseudonymKey: '1111bbbb', tableRows: { x1: 4000, x2: 9000, x3: 12_000 } };
    expect(verdict(moved)).toMatchObject({ verdict: 'usual', tables: 'other-server' });
  });

  test('without pseudonyms, fewer filled tables and fewer rows are a warning', () => {
    const unknown = { pseudonymKey: null, tableRows: null };
    const history = stillDays(14, unknown);
    expect(said({ ...unknown, ...totals(24_800), emptyTables: 2 }, history)).toEqual([
      'warning filledTables emptied',
    ]);
    expect(said({ ...unknown, emptyTables: 2 }, history)).toEqual([]);
    expect(said({ ...unknown, ...totals(24_800), tables: 6, emptyTables: 2 }, history)).toEqual([]);
    expect(verdict(unknown, history).tables).toBe('unknown');
  });

  test('no table at all is held back even the first time, until it was accepted', () => {
    const nothing = { ...totals(0), tables: 0, emptyTables: 0, tableRows: {} };
    expect(verdict(nothing, [])).toMatchObject({ verdict: 'quarantine', findings: [{ rule: 'no-tables' }] });
    const accepted = past(-1, { ...nothing, verdict: 'quarantine', accepted: true });
    expect(verdict(nothing, [accepted]).verdict).toBe('learning');
  });
});

test('median and scatter are not moved by half of wild values', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(scatter([10, 10, 10, 10, 1e9, 1e9])).toBe(0);
  expect(scatter([1, 2, 3, 4, 5])).toBeCloseTo(1.4826);
});
