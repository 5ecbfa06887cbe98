import { IntegrityError } from '../lib/errors.ts';
import type { Comparison } from './compare-content.ts';

const shownProblems = 5;

const generatedHint =
  'The rows themselves came back. The expression gives other values now than when they were written, and would in any ' +
  'restore: compute them anew in the source (UPDATE … SET column = DEFAULT), or mend the function, and take another backup.';

/** @throws IntegrityError naming what differs, with the given advice; nothing when all is as it was backed up */
export function refuseDifference(comparison: Comparison, hint: string): void {
  const { differentTables, differentGenerated, differentSequences, differentLargeObjects, schema } =
    comparison;
  const unexplained = schema.differences.filter((each) => each.explanation === null);
  const problems = [
    ...differentTables.map(
      ({ name, expectedRows, actualRows }) =>
        `${name} (${expectedRows} rows expected, ${actualRows ?? 'no table'} found)`,
    ),
    ...differentGenerated.map(
      (name) => `stored generated columns of ${name} (a restore computes them again, to other values)`,
    ),
    ...differentSequences.map((name) => `sequence ${name}`),
    ...differentLargeObjects.map((oid) => `large object ${oid}`),
    ...unexplained.map(({ kind, key, attribute }) => `${kind} ${key}${attribute ? ` (${attribute})` : ''}`),
  ];
  if (problems.length === 0) return;
  if (differentGenerated.length === problems.length) hint = generatedHint;
  const more = problems.length > shownProblems ? `; and ${problems.length - shownProblems} more` : '';
  throw new IntegrityError(
    `What came back is not what was backed up: ${problems.slice(0, shownProblems).join('; ')}${more}.`,
    { hint, publicReason: 'the restored database differs from the snapshot' },
  );
}
