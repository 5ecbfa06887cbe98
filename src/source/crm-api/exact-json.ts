import { measureJson } from './measure-json.ts';

/**
 * JSON whose numbers keep their digits: one that a double would change (9007199254740993, 1.50, -0) is held as its text,
 * in the raw form that `JSON.stringify` writes out as it is.
 */

interface RawJson {
  readonly rawJSON: string;
}

type WithRaw = typeof JSON & {
  rawJSON(text: string): RawJson;
  isRawJSON(value: unknown): value is RawJson;
};

const { rawJSON, isRawJSON } = JSON as WithRaw;

export { isRawJSON };

/** @throws SyntaxError */
export function parseExactly(text: string): unknown {
  // Looking at every number costs five times the time and the memory, and most documents have none that needs it.
  if (measureJson(text).isExact) return JSON.parse(text);
  const keepDigits = (_: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && String(value) !== context?.source ? rawJSON(context!.source!) : value;
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown);
}

/** The text of a number as it stood in the document; null for any other value. */
export function numberText(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return isRawJSON(value) ? value.rawJSON : null;
}
