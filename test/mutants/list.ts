import { healthMutants } from './health.ts';
import type { Mutant } from './mutant.ts';
import { readingMutants } from './reading.ts';
import { rekeyMutants } from './rekey.ts';
import { restoringMutants } from './restoring.ts';
import { retentionMutants } from './retention.ts';

/** Mistakes that somebody could make in the rooms that decide. */
export const mutants: Mutant[] = [
  ...healthMutants,
  ...retentionMutants,
  ...restoringMutants,
  ...readingMutants,
  ...rekeyMutants,
];
