import { expect, test } from 'vitest';
import type { RetentionPlan } from '../../../src/retention/plan.ts';
import { type Circumstances, refusalsOf } from '../../../src/retention/refusals.ts';

/** A store that lost backups is told of, also when there is nothing to delete in it. */

const plan = (kept: number): RetentionPlan => ({
  keep: Array.from({ length: kept }, (_, index) => ({ id: `kept-${index}` })) as RetentionPlan['keep'],
  delete: [],
});
const lost = (count: number): Circumstances => ({
  ...{
    records: [],
    known: [],
    unknown: [],
    begun: [],
    futureDated: [],
    storeProblem: null,
    allowLarge: false,
  },
  missing: Array.from({ length: count }, (_, index) => `lost-${index}`),
});
const codes = (kept: number, missing: number) =>
  refusalsOf(plan(kept), lost(missing)).map(({ code }) => code);

test.each([
  { kept: 10, missing: 3, refused: true },
  { kept: 10, missing: 2, refused: false },
  { kept: 100, missing: 10, refused: false },
  { kept: 100, missing: 11, refused: true },
  { kept: 0, missing: 1, refused: true },
  { kept: 0, missing: 0, refused: false },
])('$missing lost beside $kept that are there', ({ kept, missing, refused }) => {
  expect(codes(kept, missing)).toEqual(refused ? ['ledger-disagrees'] : []);
});
