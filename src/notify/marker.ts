import type { z } from 'zod';

/**
 * The hidden first line of an issue of ours, by which it is found again whatever its title has become. It counts only as
 * the whole first line: quoted, indented or further down it means nothing.
 */

const form = /^<!-- holdfast ([a-z-]+) (\{.*\}) -->$/;

/** @param data plain data without `-->` in it: names of the configuration, words of ours, numbers */
export function markerLine(kind: string, data: object): string {
  return `<!-- holdfast ${kind} ${JSON.stringify(data)} -->`;
}

/** What the marker of this kind says; null when the text has none. */
export function readMarker<T>(body: string | null, kind: string, schema: z.ZodType<T>): T | null {
  const [, found, json] = form.exec((body ?? '').split(/\r?\n/, 1)[0]!) ?? [];
  if (found !== kind) return null;
  try {
    return schema.safeParse(JSON.parse(json!)).data ?? null;
  } catch {
    return null;
  }
}
