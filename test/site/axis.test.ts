import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clockSteps, decimalSteps, type Steps, ticksOf } from '../../site/src/axis.ts';

/** Where the lines of a chart stand. */

const minute = 60_000;

test.each([
  [[93_000, 126_000], clockSteps, true, [0, minute, 2 * minute, 3 * minute]],
  [[0, 230 * minute, 60 * minute], clockSteps, true, [0, 120 * minute, 240 * minute]],
  [[4_650_000, 10_400_000], decimalSteps, false, [4e6, 6e6, 8e6, 10e6, 12e6]],
  [[3_420_000], decimalSteps, false, [3_200_000, 3_400_000, 3_600_000]],
] as const)('%j stand between lines that people count in', (values, steps: Steps, fromZero, expected) => {
  expect(ticksOf([...values], steps, fromZero)).toEqual(expected);
});

test('three to five lines, evenly apart, around every value there may be', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 1e15 }), { minLength: 1, maxLength: 20 }),
      fc.constantFrom(clockSteps, decimalSteps),
      fc.boolean(),
      (values, steps, fromZero) => {
        const ticks = ticksOf(values, steps, fromZero);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(5);
        expect(ticks[0]!).toBeLessThanOrEqual(Math.min(...values));
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(Math.max(...values));
        const step = ticks[1]! - ticks[0]!;
        expect(step).toBeGreaterThan(0);
        for (const [index, tick] of ticks.slice(1).entries())
          expect(Math.abs(tick - ticks[index]! - step)).toBeLessThan(step / 1e6);
      },
    ),
  );
});
