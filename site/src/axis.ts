/** The values that a chart's lines stand at: those that people count in, so that they can be read off. */

/** @returns the smallest step for people that is at least as large */
export type Steps = (least: number) => number;

const second = 1000;
const [minute, hour, day] = [60 * second, 3600 * second, 86_400 * second];
const clock = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 20, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * minute),
  ...[1, 2, 3, 4, 6, 12].map((n) => n * hour),
];

/** 1, 2, 2.5 or 5 of any power of ten. */
export const decimalSteps: Steps = (least) => {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 2.5, 5, 10].map((n) => n * power).find((step) => step >= least)!;
};

/** Milliseconds in the steps of a clock. */
export const clockSteps: Steps = (least) =>
  clock.find((step) => step >= least) ?? decimalSteps(least / day) * day;

/**
 * Ticks around values, lowest first: three to five, whichever leave the least room. The axis never spans less than a
 * tenth of the greatest value, so that a quiet series looks quiet.
 *
 * @param values at least one
 */
export function ticksOf(values: readonly number[], steps: Steps, fromZero: boolean): number[] {
  const most = Math.max(...values, 0);
  const least = fromZero ? 0 : Math.min(...values);
  const quiet = Math.max(0, most * 0.1 - (most - least), 1 - most) / 2;
  const [from, to] = fromZero ? [0, most + 2 * quiet] : [Math.max(0, least - quiet), most + quiet];
  const axes = [2, 3, 4].map((intervals) => around(from, to, intervals, steps));
  return axes.reduce((a, b) => (b.at(-1)! - b[0]! < a.at(-1)! - a[0]! ? b : a));
}

function around(from: number, to: number, intervals: number, steps: Steps): number[] {
  let step = steps((to - from) / intervals);
  // A start that is rounded down may leave too little at the other end.
  while (lowest(from, step) + intervals * step < to) step = steps(step * 1.01);
  return Array.from({ length: intervals + 1 }, (_, index) => lowest(from, step) + index * step);
}

function lowest(from: number, step: number): number {
  return Math.floor(from / step) * step;
}
