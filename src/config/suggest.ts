import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The field names that are known at a place of the configuration. */
function knownFields(path: readonly PropertyKey[]): string[] {
  type Node = {
    properties?: Record<string, Node>;
    additionalProperties?: Node | false;
    anyOf?: Node[];
    oneOf?: Node[];
  };
  let nodes = [z.toJSONSchema(configSchema, { io: 'input' }) as Node];
  const alternatives = (node: Node): Node[] => [node, ...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  for (const step of path) {
    nodes = nodes.flatMap(alternatives).flatMap((node) => {
      const next = node.properties?.[String(step)] ?? (node.additionalProperties || undefined);
      return next ? [next] : [];
    });
  }
  return nodes.flatMap(alternatives).flatMap((node) => Object.keys(node.properties ?? {}));
}

/** A sentence that names the unknown field and the nearest known one. */
export function explainUnknown(path: readonly PropertyKey[], field: string): string {
  const known = [...new Set(knownFields(path))];
  const where = path.length > 0 ? ` in ${path.join('.')}` : '';
  const near = nearest(field, known);
  return `unknown field "${field}"${where}. ${near ? `Did you mean "${near}"?` : `Known are: ${known.join(', ')}.`}`;
}

/** The candidate that the word begins, or that at the smallest edit distance; null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const begun = candidates.find((candidate) => word.length > 1 && candidate.startsWith(word.toLowerCase()));
  if (begun) return begun;
  const scored = candidates.map((candidate) => ({
    candidate,
    distance: editDistance(word.toLowerCase(), candidate),
  }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, word.length / 2) ? best.candidate : null;
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
