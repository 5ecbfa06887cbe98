import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { parse } from 'yaml';
import type { Permissions } from '../github/route.ts';

/** A workflow file. GitHub's own parser checks it and says what each `if` means; the rest is plain YAML. */

export interface StepDefinition {
  id?: string;
  name?: string;
  /** With the status function that GitHub adds where there is none. */
  condition: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, unknown>;
  'continue-on-error'?: boolean;
}

export interface JobDefinition {
  id: string;
  condition: string;
  needs: string[];
  permissions: Permissions;
  steps: StepDefinition[];
  /** Of a job that calls another workflow. */
  uses?: string;
  with?: Record<string, unknown>;
  secrets?: Record<string, unknown>;
  env?: Record<string, unknown>;
  outputs?: Record<string, string>;
  environment?: string | { name: string; url?: string };
  concurrency?: { group: string; 'cancel-in-progress'?: boolean; queue?: string };
  strategy?: { matrix: unknown; 'fail-fast'?: boolean };
  services?: Record<string, { image: string; env?: Record<string, string>; ports?: string[] }>;
}

export interface InputDefinition {
  type?: 'string' | 'choice' | 'boolean';
  default?: string | boolean;
  required?: boolean;
  options?: string[];
}

/** What calls and events must match. */
export interface Trigger {
  inputs?: Record<string, InputDefinition>;
  secrets?: Record<string, { required?: boolean } | null>;
  types?: string[];
}

export interface WorkflowDefinition {
  file: string;
  name: string;
  on: Record<string, Trigger | null> & { schedule?: { cron: string }[] };
  env?: Record<string, unknown>;
  jobs: JobDefinition[];
}

/** @throws Error with all that GitHub's parser has against it */
export async function readWorkflow(file: string, text: string): Promise<WorkflowDefinition> {
  const { context, value } = parseWorkflow({ name: file, content: text }, new NoOperationTraceWriter());
  const template = await convertWorkflowTemplate(context, value!);
  const complaints = context.errors.getErrors().map(({ message }) => message);
  if (complaints.length > 0) throw new Error(`${file} is no valid workflow: ${complaints.join('; ')}`);
  const { jobs, permissions, ...rest } = parse(text);
  return {
    ...rest,
    file,
    jobs: template.jobs.map((parsed) => {
      const id = parsed.id.value;
      const job = jobs[id];
      const conditions = parsed.type === 'job' ? parsed.steps.map(conditionOf) : [];
      return {
        ...job,
        id,
        condition: conditionOf(parsed),
        needs: [job.needs ?? []].flat(),
        permissions: job.permissions ?? permissions ?? {},
        steps: (job.steps ?? []).map((step: object, index: number) => ({
          ...step,
          condition: conditions[index]!,
        })),
      };
    }),
  };
}

function conditionOf(part: { if?: { expression: string } }): string {
  return part.if?.expression ?? 'success()';
}
