/** Neighbours that are alike, as one: a quarter of a year of Good is one row and one rectangle. */
export function runsOf<T>(values: readonly T[]): { value: T; from: number; length: number }[] {
  const runs: { value: T; from: number; length: number }[] = [];
  for (const [index, value] of values.entries()) {
    const last = runs.at(-1);
    if (last && last.value === value) last.length += 1;
    else runs.push({ value, from: index, length: 1 });
  }
  return runs;
}
