import { expect, test } from 'vitest';
import { duration } from '../../../src/config/duration.ts';
import { rate } from '../../../src/config/rate.ts';
import { nearest } from '../../../src/config/suggest.ts';

test('durations', () => {
  const parse = (text: unknown) => duration.safeParse(text).data;
  expect(['90s', '30m', '20h', '35d', '1.5h', '0.5s'].map(parse)).toEqual([
    90_000, 1_800_000, 72_000_000, 3_024_000_000, 5_400_000, 500,
  ]);
  for (const wrong of [
    '',
    '20',
    20,
    '20 h',
    '20H',
    'h',
    '-1h',
    '1h30m',
    '1e3s',
    '0s',
    '0.0001s',
    '.5h',
    '1.h',
    null,
  ])
    expect(parse(wrong)).toBeUndefined();
});

test('a number in place of a time or a rate is told what is wanted, with examples', () => {
  const messageOf = (parsed: { error?: { issues: { message: string }[] } }) =>
    parsed.error?.issues.map(({ message }) => message);
  for (const wrong of [20, '20', null]) {
    expect(messageOf(duration.safeParse(wrong))).toEqual(['a time such as 90s, 30m, 20h or 35d']);
    expect(messageOf(rate.safeParse(wrong))).toEqual(['a size in a second such as 500kB, 20MB or 1.5GB']);
  }
  expect(rate.safeParse('1.5GB').data).toBe(1_500_000_000);
});

test('the nearest name, when there is a near one', () => {
  const names = ['crm', 'billing', 'late-after'];
  expect(nearest('CRM', names)).toBe('crm');
  expect(nearest('biling', names)).toBe('billing');
  expect(nearest('late_after', names)).toBe('late-after');
  expect(nearest('warehouse', names)).toBeNull();
  expect(nearest('x', [])).toBeNull();
});
