import type { Status } from '../../../src/health/status.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { filesOf } from '../github/git-objects.ts';
import type { ActionRun } from '../runner.ts';
import type { Host } from './host.ts';
import type { StepRun } from './run-steps.ts';
import type { JobRun, WorkflowRun } from './scope.ts';

/** What runs leave in a repository, as a test asks for it. */

/** The files on the branch of the ledger; null when there is no such branch. */
export function branch(host: Host): Record<string, string> | null {
  return filesOf(host.github.repository, 'holdfast-ledger');
}

/** The ledger's records, oldest first. */
export function ledger(host: Host, verb?: LedgerRecord['verb']): LedgerRecord[] {
  const months = Object.entries(branch(host) ?? {}).filter(([name]) => name.endsWith('.ndjson'));
  const lines = months.sort().flatMap(([, text]) => text.split('\n').filter(Boolean));
  return lines.map((line) => JSON.parse(line)).filter((record) => verb === undefined || record.verb === verb);
}

/** Ids of the backups that have archive and receipt, oldest first. */
export function stored(host: Host, database: string): string[] {
  const { artifacts } = host.github.repository;
  return ledger(host, 'backup')
    .flatMap(({ backupId }) => (backupId?.startsWith(`${database}-`) ? [backupId] : []))
    .filter((id) => artifacts.filter(({ name }) => name.includes(id)).length === 2);
}

/** What the page says that was deployed last. */
export function page(host: Host): Status {
  return JSON.parse(host.page!['status.json']!);
}

/** The step that a job is there for. */
export function last(job: JobRun): StepRun {
  return job.steps.at(-1)!;
}

export function errorsOf({ jobs }: WorkflowRun): ActionRun['annotations'] {
  const actions = jobs.flatMap(({ steps }) => steps.flatMap(({ action }) => action ?? []));
  return actions.flatMap(({ annotations }) => annotations).filter(({ level }) => level === 'error');
}
