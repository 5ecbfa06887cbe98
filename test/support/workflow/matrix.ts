/** Combinations of `strategy.matrix`, by the rules of GitHub's documentation; `exclude` is not played. */

export type Combination = Record<string, unknown>;

/** @throws Error when there is none, which fails the job at GitHub too */
export function combinationsOf(matrix: unknown): Combination[] {
  if (typeof matrix !== 'object' || matrix === null) throw new Error('The matrix is no mapping.');
  const { include = [], exclude, ...vectors } = matrix as Record<string, Combination[]>;
  if (exclude) throw new Error('exclude is not played here.');
  let originals: Combination[] = Object.keys(vectors).length > 0 ? [{}] : [];
  for (const [name, values] of Object.entries(vectors)) {
    originals = originals.flatMap((each) => values.map((value) => ({ ...each, [name]: value })));
  }
  const combinations = originals.map((each) => ({ ...each }));
  for (const extra of include) {
    const fitting = originals.flatMap((original, index) =>
      Object.entries(extra).every(([name, value]) => !(name in original) || original[name] === value)
        ? [index]
        : [],
    );
    for (const index of fitting) Object.assign(combinations[index]!, extra);
    if (fitting.length === 0) combinations.push({ ...extra });
  }
  if (combinations.length === 0) throw new Error('The matrix holds nothing.');
  return combinations;
}
