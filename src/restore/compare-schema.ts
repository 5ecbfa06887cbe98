import { isDeepStrictEqual } from 'node:util';
import type pg from 'pg';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { explainOnServer } from './explain-on-server.ts';
import { knownResidues } from './schema-residues.ts';

/** How the schema of a restored database compares with its source's. */
export interface SchemaComparison {
  /** `explained`: every difference has a reason that was checked. */
  verdict: 'equal' | 'explained' | 'different';
  differences: SchemaDifference[];
}

export interface SchemaDifference {
  /** Key of the fingerprint entry. */
  key: string;
  kind: 'missing' | 'extra' | 'changed';
  /** The attribute that changed; null when the whole entry is missing or extra. */
  attribute: string | null;
  /** Value of the attribute, or all attributes of a missing entry; null where there is none. */
  source: unknown;
  restored: unknown;
  /** Why this is no loss; null while nobody has shown it. */
  explanation: string | null;
}

/**
 * Compares two fingerprints of one major. Differences that PostgreSQL's own pg_dump leaves are explained where the
 * fingerprints alone prove the reason; `explainDifferences` asks the server about the rest.
 */
export function compareFingerprints(source: Fingerprint, restored: Fingerprint): SchemaComparison {
  const ofSource = new Map(source.entries.map((entry) => [entry.key, entry.attributes]));
  const ofRestored = new Map(restored.entries.map((entry) => [entry.key, entry.attributes]));
  const differences: SchemaDifference[] = [];
  for (const key of [...new Set([...ofSource.keys(), ...ofRestored.keys()])].sort()) {
    const before = ofSource.get(key);
    const after = ofRestored.get(key);
    if (before && after) differences.push(...changes(key, before, after));
    else {
      differences.push({
        key,
        kind: before ? 'missing' : 'extra',
        attribute: null,
        source: before ?? null,
        restored: after ?? null,
        explanation: null,
      });
    }
  }
  const reasonOf = differences.length > 0 ? knownResidues(source, restored) : () => null;
  const explained = differences.map((difference) => ({ ...difference, explanation: reasonOf(difference) }));
  return comparisonOf([...explained, ...unread('source', source), ...unread('restored', restored)]);
}

/**
 * Shows which of the remaining differences are none: where this server turns the source's own text of a definition
 * into the restored one, or lacks the role or tablespace that the source names. Everything it tries is rolled back.
 *
 * @param client on the restored database, as a role that may create temporary tables. It may be in a transaction,
 *   but not a read-only one: there nothing can be tried, and what is unexplained stays so.
 */
export async function explainDifferences(
  client: pg.ClientBase,
  comparison: SchemaComparison,
): Promise<SchemaComparison> {
  if (comparison.verdict !== 'different') return comparison;
  return comparisonOf(await explainOnServer(client, comparison.differences));
}

/** The verdict that these differences come to. */
export function comparisonOf(differences: SchemaDifference[]): SchemaComparison {
  const isExplained = differences.every((difference) => difference.explanation !== null);
  return {
    verdict: differences.length === 0 ? 'equal' : isExplained ? 'explained' : 'different',
    differences,
  };
}

function changes(
  key: string,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): SchemaDifference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .filter((attribute) => !isDeepStrictEqual(before[attribute], after[attribute]))
    .map((attribute) => ({
      key,
      kind: 'changed',
      attribute,
      source: before[attribute] ?? null,
      restored: after[attribute] ?? null,
      explanation: null,
    }));
}

/** What could not be read can't be called equal. */
function unread(side: 'source' | 'restored', fingerprint: Fingerprint): SchemaDifference[] {
  return fingerprint.unreadable.map((name) => ({
    key: `unreadable|${side} ${name}`,
    kind: 'changed',
    attribute: null,
    source: null,
    restored: null,
    explanation: `not compared: the role that read the ${side} database may not read ${name}`,
  }));
}
