import type { SchemaPart, SchemaParts } from '../ledger/record.ts';
import type { Fingerprint, FingerprintEntry } from '../source/postgres/fingerprint/fingerprint.ts';

/** Relations by `pg_class.relkind`. Composite types are relations too. */
const relations: Readonly<Record<string, SchemaPart>> = {
  r: 'tables',
  p: 'tables',
  f: 'tables',
  i: 'indexes',
  I: 'indexes',
  v: 'views',
  m: 'views',
  S: 'sequences',
  c: 'types',
};

const catalogs: Readonly<Record<string, SchemaPart>> = {
  pg_constraint: 'constraints',
  pg_proc: 'functions',
  pg_trigger: 'triggers',
  pg_type: 'types',
  pg_policy: 'policies',
  pg_extension: 'extensions',
};

/** Catalogs that say more about an object counted elsewhere. */
const details: Readonly<Record<string, SchemaPart>> = {
  pg_attrdef: 'columns',
  pg_index: 'indexes',
  pg_rewrite: 'views',
  pg_sequence: 'sequences',
  pg_enum: 'types',
  pg_range: 'types',
  pg_partitioned_table: 'tables',
  pg_inherits: 'tables',
};

/**
 * Counts a schema's objects by kind, so that two backups can be told apart by more than one hash, and without a name.
 *
 * @param digestOf a keyed digest; null where there is no key, and then only numbers are compared
 */
export function countParts(
  fingerprint: Fingerprint,
  digestOf: ((text: string) => string) | null,
): SchemaParts {
  const entries = fingerprint.entries.filter(({ key }) => !key.startsWith('environment|'));
  const kinds = new Map<string, string>();
  for (const { key, attributes } of entries) {
    if (key.startsWith('pg_class|')) kinds.set(identityOf(key), String(attributes['relkind']));
  }
  const found = new Map<SchemaPart, { count: number; lines: string[] }>();
  for (const entry of entries) {
    const { part, counts } = partOf(entry, kinds);
    const known = found.get(part) ?? { count: 0, lines: [] };
    found.set(part, known);
    if (counts) known.count += 1;
    known.lines.push(JSON.stringify([entry.key, entry.attributes]));
  }
  const parts: SchemaParts = {};
  for (const [part, { count, lines }] of found) {
    parts[part] = { count, digest: digestOf?.(lines.join('\n')) ?? null };
  }
  return parts;
}

function partOf(
  { key, attributes }: FingerprintEntry,
  kinds: ReadonlyMap<string, string>,
): { part: SchemaPart; counts: boolean } {
  const catalog = key.slice(0, key.indexOf('|'));
  if (catalog === 'pg_class') {
    return { part: relations[String(attributes['relkind'])] ?? 'other', counts: true };
  }
  if (catalog === 'pg_attribute') {
    const part = relations[relationKindOf(key, kinds) ?? 'r'] ?? 'other';
    return part === 'tables' ? { part: 'columns', counts: true } : { part, counts: false };
  }
  // Each relation has a row type of its name.
  const isRowType = catalog === 'pg_type' && kinds.has(identityOf(key));
  const part = catalogs[catalog];
  if (part) return { part, counts: !isRowType };
  return details[catalog] ? { part: details[catalog], counts: false } : { part: 'other', counts: true };
}

function identityOf(key: string): string {
  return key.slice(key.indexOf('|') + 1);
}

/** `column of relation`, where either name may hold an ` of ` of its own. */
function relationKindOf(key: string, kinds: ReadonlyMap<string, string>): string | undefined {
  for (let at = key.indexOf(' of '); at !== -1; at = key.indexOf(' of ', at + 1)) {
    const kind = kinds.get(key.slice(at + 4));
    if (kind !== undefined) return kind;
  }
  return undefined;
}
