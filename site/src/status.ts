import { evaluate } from '../../src/health/evaluate.ts';
import type { Status } from '../../src/health/status.ts';
import { loadStatus } from './status-file.ts';

/**
 * The status document of this build. Read here and nowhere else, with no content collection in between: Astro's
 * data loaders turn a missing file into an empty page and may answer from the cache of an earlier build.
 */
export const status = loadStatus(process.env['HOLDFAST_STATUS_FILE']);

/** The verdict as of the document's own time, by the same function that the reader's browser runs. */
export const health = evaluate(status.facts, status.policy, Date.parse(status.generatedAt));

export type ShownDatabase = Status['databases'][number];
export type ShownBackup = ShownDatabase['backups'][number];
export type Attempt = ShownDatabase['attempts'][number];
export type RestoreTest = Extract<Attempt, { verb: 'restore-test' }>;

const attempts = status.databases.flatMap((database) => database.attempts);
const knownIds = new Set(status.databases.flatMap((database) => database.backups.map((each) => each.id)));

export const restoreTests = attempts.filter((attempt) => attempt.verb === 'restore-test');

/** A test that never got as far as comparing refutes nothing, and is not called failed. */
export function verdictOf(test: RestoreTest): 'Passed' | 'Failed' | 'Could not run' {
  if (test.outcome === 'succeeded') return 'Passed';
  return test.errorKind === 'IntegrityError' ? 'Failed' : 'Could not run';
}

/** Whether a backup has a page of its own; an attempt may name one that the ledger knows no more of. */
export function hasPage(backupId: string | null): backupId is string {
  return backupId !== null && knownIds.has(backupId);
}

/** All copies that were made of a backup, each with whether a later check found it damaged. */
export function copiesOf(backup: ShownBackup) {
  const made = attempts.find((each) => each.verb === 'backup' && each.backupId === backup.id);
  const all = made?.verb === 'backup' ? (made.result?.copies ?? backup.copies) : backup.copies;
  return all.map((copy) => ({ ...copy, sound: backup.copies.some((each) => each.store === copy.store) }));
}
