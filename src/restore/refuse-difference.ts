import { IntegrityError } from '../lib/errors.ts';
import type { Comparison } from './compare-content.ts';

const shownProblems = 5;

/** @throws IntegrityError naming what differs, with the given advice; nothing when all is as it was backed up */
export function refuseDifference(comparison: Comparison, hint: string): void {
  const { differentTables, differentSequences, differentLargeObjects, schema } = comparison;
  const unexplained = schema.differences.filter((each) => each.explanation === null);
  const problems = [
    ...differentTables.map(
      ({ name, expectedRows, actualRows }) =>
        `${name} (${expectedRows} rows expected, ${actualRows ?? 'no table'} found)`,
    ),
    ...differentSequences.map((name) => `sequence ${name}`),
    ...differentLargeObjects.map((oid) => `large object ${oid}`),
    ...unexplained.map(({ kind, key, attribute }) => `${kind} ${key}${attribute ? ` (${attribute})` : ''}`),
  ];
  if (problems.length === 0) return;
  const more = problems.length > shownProblems ? `; and ${problems.length - shownProblems} more` : '';
  throw new IntegrityError(
    `What came back is not what was backed up: ${problems.slice(0, shownProblems).join('; ')}${more}.`,
    { hint, publicReason: 'the restored database differs from the snapshot' },
  );
}
