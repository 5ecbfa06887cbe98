import type { Permissions } from '../github/route.ts';
import type { Host } from './host.ts';
import type { LoadedWorkflow } from './load.ts';
import type { StepRun } from './run-steps.ts';

/** What a run is asked for, what it shares while it goes on, and what is left of it. */

export interface RunOptions {
  /** Such as `schedule`. */
  event: string;
  payload?: Record<string, unknown>;
  /** Of a person who starts it by hand. */
  inputs?: Record<string, string | boolean>;
  /** What somebody says when a job waits for a review of its environment. */
  approve?: (environment: string) => boolean;
  /** Changes the text of a file before it is read. */
  edit?: (text: string, file: string) => string;
}

export interface WorkflowRun {
  id: number;
  result: 'success' | 'failure';
  /** Those of called workflows too, as `status / evaluate`; of a matrix, as `backup (crm)`. */
  jobs: JobRun[];
  job(name: string): JobRun;
  /** What failed steps said, for a test to be told by. */
  problems: string[];
  /** By the name of the job, without those that a matrix would have multiplied had they run. */
  results(): Record<string, JobResult>;
}

export type JobResult = 'success' | 'failure' | 'skipped';

export interface JobRun {
  name: string;
  result: JobResult;
  /** What its token may do. */
  permissions: Permissions;
  outputs: Record<string, string>;
  steps: StepRun[];
  environment: string | null;
  concurrency: { group: string; 'cancel-in-progress'?: boolean; queue?: string } | null;
  /** Images of its service containers. */
  services: Record<string, string>;
}

/** What jobs of one file share. */
export interface Scope {
  host: Host;
  runId: number;
  options: RunOptions;
  payload: Record<string, unknown>;
  workflow: LoadedWorkflow;
  inputs: Record<string, unknown>;
  secrets: Record<string, string>;
  /** Goes before the names of jobs. */
  prefix: string;
  /** Results of what the calling job needed. */
  callerResults: readonly string[];
  finished: JobRun[];
}
