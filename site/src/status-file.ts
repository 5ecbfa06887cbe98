import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { evaluate } from '../../src/health/evaluate.ts';
import { type Status, statusSchema } from '../../src/health/status.ts';

/**
 * Reads the status document that a build shows. Throws whenever there is any doubt about it: a page without data
 * must not exist, because an empty page looks calm.
 *
 * @param file path of the document, as `HOLDFAST_STATUS_FILE` gives it
 */
export function loadStatus(file: string | undefined): Status {
  if (!file) throw new Error('HOLDFAST_STATUS_FILE is not set: it names the status file to show.');
  const result = statusSchema.safeParse(parse(read(file), file));
  if (!result.success) {
    throw new Error(`The status file ${file} is not valid:\n${z.prettifyError(result.error)}`);
  }
  refuseContradiction(result.data, file);
  return result.data;
}

function read(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`The status file ${file} can't be read: ${(error as Error).message}`);
  }
  if (text.trim() === '') throw new Error(`The status file ${file} is empty.`);
  return text;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The status file ${file} is cut off or not JSON: ${(error as Error).message}`);
  }
}

/** A verdict that its own facts don't support was tampered with or made by other rules: don't repeat it. */
function refuseContradiction(status: Status, file: string): void {
  const own = evaluate(status.facts, status.policy, Date.parse(status.generatedAt));
  if (own.state !== status.health.state) {
    throw new Error(
      `The status file ${file} contradicts itself: health.state is "${status.health.state}", ` +
        `but its facts at ${status.generatedAt} make it "${own.state}".`,
    );
  }
  const shown = status.databases.map((each) => each.database).join(', ');
  const judged = status.facts.map((each) => each.database).join(', ');
  if (shown !== judged) {
    throw new Error(
      `The status file ${file} contradicts itself: databases has ${shown}, facts has ${judged}.`,
    );
  }
}
