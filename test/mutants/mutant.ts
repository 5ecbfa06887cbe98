/** One change of one file, which must make one of the tests named beside it fail. */
export interface Mutant {
  file: string;
  /** Must be in the file exactly once. */
  find: string;
  replace: string;
  /** Test files that must notice, as vitest filters. */
  tests: string[];
}

/** @param changes from what is found to what is put in its place */
export function of(file: string, tests: string[], changes: Record<string, string>): Mutant[] {
  return Object.entries(changes).map(([find, replace]) => ({ file, find, replace, tests }));
}
