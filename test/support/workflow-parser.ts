import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';

/** What GitHub's own parser has against a workflow; empty when it would take it. */
export async function complaintsAbout(content: string): Promise<string[]> {
  const { context, value } = parseWorkflow({ name: 'a workflow', content }, new NoOperationTraceWriter());
  await convertWorkflowTemplate(context, value!);
  return context.errors.getErrors().map((error) => error.message);
}
