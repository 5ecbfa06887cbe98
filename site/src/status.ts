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
export type RestoreTest = ShownDatabase['restoreTests'][number];
export type ShownIncident = ShownDatabase['incidents'][number];

const backups = new Map(
  status.databases.flatMap((database) => database.backups.map((each) => [each.id, each])),
);
const tests = new Set(status.databases.flatMap((database) => database.restoreTests.map((each) => each.id)));

/** A test that never got as far as comparing refutes nothing, and is not called failed. */
export function verdictOf(test: Pick<Attempt, 'outcome' | 'errorKind'>): 'passed' | 'failed' | 'notRun' {
  if (test.outcome === 'succeeded') return 'passed';
  return test.errorKind === 'IntegrityError' ? 'failed' : 'notRun';
}

/** The same for a mark: null is neither passed nor failed. */
export function passedOf(test: Pick<Attempt, 'outcome' | 'errorKind'>): boolean | null {
  const verdict = verdictOf(test);
  return verdict === 'notRun' ? null : verdict === 'passed';
}

/** A backup that has a page of its own; an attempt may name one that is no more. */
export function shownBackup(backupId: string | null): ShownBackup | undefined {
  return backupId === null ? undefined : backups.get(backupId);
}

/** Whether a restore test has a receipt on this site. */
export function hasReceipt(attempt: Pick<Attempt, 'id'>): boolean {
  return tests.has(attempt.id);
}

/** Where the workflows are run, learnt from the runs themselves; null when nothing was run by GitHub. */
export const repositoryUrl = findRepository();

function findRepository(): string | null {
  for (const { attempts } of status.databases) {
    for (const { runUrl } of attempts) {
      const found = runUrl?.match(/^(https:\/\/[^/]+\/[^/]+\/[^/]+)\/actions\/runs\/\d+/)?.[1];
      if (found) return found;
    }
  }
  return null;
}

/** What goes on comes before what is over. */
export function openThenNewest(a: ShownIncident, b: ShownIncident): number {
  if ((a.to === null) !== (b.to === null)) return a.to === null ? -1 : 1;
  return a.from < b.from ? 1 : -1;
}
