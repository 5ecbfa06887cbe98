/** A series by weeks, for those who can't or won't read a chart. */

const weekMs = 7 * 86_400_000;

export interface Week {
  /** The Monday it begins with, in milliseconds. */
  fromMs: number;
  least: number;
  middle: number;
  most: number;
}

/** Weeks that have a value, newest first. */
export function weeksOf(points: readonly { at: string; value: number }[]): Week[] {
  const weeks = Map.groupBy(points, ({ at }) => {
    // The epoch began on a Thursday.
    const mondayMs = 4 * 86_400_000;
    return Math.floor((Date.parse(at) - mondayMs) / weekMs) * weekMs + mondayMs;
  });
  return [...weeks]
    .map(([fromMs, own]) => {
      const values = own.map((point) => point.value).sort((a, b) => a - b);
      return { fromMs, least: values[0]!, middle: middleOf(values), most: values.at(-1)! };
    })
    .sort((a, b) => b.fromMs - a.fromMs);
}

/** @param sorted at least one */
export function middleOf(sorted: readonly number[]): number {
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}
