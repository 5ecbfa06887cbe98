import type { InputDefinition } from './definition.ts';
import type { LoadedWorkflow } from './load.ts';

/** What starts a workflow, refused where GitHub would not start it. */

/** @throws Error when the workflow doesn't listen to this */
export function refuseOtherEvent(
  workflow: LoadedWorkflow,
  event: string,
  payload: Record<string, unknown>,
): void {
  const trigger = workflow.on[event];
  if (trigger === undefined) throw new Error(`${workflow.file} is not started by ${event}.`);
  if (event === 'schedule' && !workflow.on.schedule!.some(({ cron }) => cron === payload['schedule']))
    throw new Error(`${workflow.file} has no schedule ${payload['schedule']}.`);
  if (event === 'repository_dispatch' && trigger?.types?.includes(String(payload['action'])) === false)
    throw new Error(`${workflow.file} takes no ${payload['action']}.`);
}

/**
 * The `inputs` of a run by hand, with defaults; empty for other events.
 *
 * @throws Error for what the form would not take
 */
export function dispatchInputs(
  workflow: LoadedWorkflow,
  { event, inputs = {} }: { event: string; inputs?: Record<string, string | boolean> },
): Record<string, unknown> {
  if (event !== 'workflow_dispatch') return {};
  const declared = workflow.on['workflow_dispatch']?.inputs ?? {};
  for (const name of Object.keys(inputs))
    if (!(name in declared)) throw new Error(`${workflow.file} has no input ${name}.`);
  return Object.fromEntries(
    Object.entries(declared).map(([name, input]) => [name, chosen(name, input, inputs[name])]),
  );
}

function chosen(name: string, input: InputDefinition, given: string | boolean | undefined) {
  const value = given ?? input.default ?? (input.type === 'boolean' ? false : '');
  if (input.required && value === '') throw new Error(`Input ${name} is required.`);
  if (input.options && !input.options.includes(String(value)))
    throw new Error(`Input ${name} is one of ${input.options}.`);
  return value;
}
