import { expect, test } from 'vitest';
import { rate } from '../../../src/config/rate.ts';
import { paceOf } from '../../../src/dump/pace.ts';

function clock() {
  const state = { ms: 1000, sleeps: 0 };
  return {
    state,
    now: () => state.ms,
    sleep: async (ms: number) => {
      state.ms += ms;
      state.sleeps += 1;
    },
  };
}

test('what passes takes as long as the rate says, however it is cut', async () => {
  for (const size of [1_000, 62_500, 1_000_000]) {
    const time = clock();
    const pace = paceOf(1_000_000, time);
    for (let sent = 0; sent < 5_000_000; sent += size) await pace(size);
    expect(time.state.ms - 1000).toBeGreaterThan(4_900);
    expect(time.state.ms - 1000).toBeLessThanOrEqual(5_000);
    expect(time.state.sleeps).toBeLessThanOrEqual(250);
  }
});

test('time in which nothing came is not made up for', async () => {
  const time = clock();
  const pace = paceOf(1_000_000, time);
  await pace(1_000_000);
  time.state.ms += 60_000;
  const before = time.state.ms;
  await pace(2_000_000);
  expect(time.state.ms - before).toBe(2_000);
});

test('connections share one rate', async () => {
  const time = clock();
  const pace = paceOf(1_000_000, time);
  await Promise.all([pace(1_000_000), pace(1_000_000)]);
  expect(time.state.ms).toBeGreaterThanOrEqual(3_000);
});

test('without a limit nobody waits', async () => {
  const time = clock();
  await paceOf(null, time)(1e12);
  expect(time.state).toEqual({ ms: 1000, sleeps: 0 });
});

test('rates', () => {
  const parse = (text: unknown) => rate.safeParse(text).data;
  expect(['500kB', '20MB', '1.5GB'].map(parse)).toEqual([500_000, 20_000_000, 1_500_000_000]);
  for (const wrong of [
    '',
    '20',
    20,
    '20 MB',
    '20mb',
    'MB',
    '-1MB',
    '0MB',
    '0.0001kB',
    '1e3MB',
    '20MB/s',
    null,
  ])
    expect(parse(wrong)).toBeUndefined();
});
