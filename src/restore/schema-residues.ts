import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import type { SchemaDifference } from './compare-schema.ts';

/** Both sides of a comparison. */
export interface FingerprintPair {
  source: Fingerprint;
  restored: Fingerprint;
  ofSource: Map<string, Record<string, unknown>>;
  ofRestored: Map<string, Record<string, unknown>>;
  differences: readonly SchemaDifference[];
}

/** The reason of a difference that no dump can avoid, where the fingerprints themselves prove it; otherwise null. */
export function knownResidue(difference: SchemaDifference, pair: FingerprintPair): string | null {
  return (
    ofEnvironment(difference) ??
    ofUnreadable(difference, pair) ??
    ofExtensionVersion(difference, pair) ??
    ofColumnOrder(difference, pair) ??
    ofSubscription(difference) ??
    ofRangeConstructor(difference, pair)
  );
}

function ofEnvironment({ key, attribute }: SchemaDifference): string | null {
  if (key.startsWith('environment|pg_database')) {
    return 'decided when the restored database was created; a dump of its contents does not carry it';
  }
  if (!key.startsWith('environment|pg_extension') || attribute === null) return null;
  return attribute === 'extversion'
    ? "CREATE EXTENSION installs the restoring server's own default version"
    : 'an extension belongs to whoever created it there; no command changes that';
}

function ofUnreadable(
  { key, attribute }: SchemaDifference,
  { source, restored }: FingerprintPair,
): string | null {
  const catalog = key.slice(0, key.indexOf('|'));
  for (const [side, { unreadable }] of [
    ['source', source],
    ['restored', restored],
  ] as const) {
    if (unreadable.includes(catalog) || unreadable.includes(`${catalog}.${attribute}`)) {
      return `not compared: the role that read the ${side} database may not read it`;
    }
  }
  return null;
}

/** Privileges are told against the extension's own, so another version does not excuse those. */
function ofExtensionVersion(difference: SchemaDifference, pair: FingerprintPair): string | null {
  const member = pair.ofSource.get(difference.key) ?? pair.ofRestored.get(difference.key);
  const extension = member?.['extension'];
  if (extension === undefined || difference.attribute?.endsWith('acl')) return null;
  const versionOf = (entries: FingerprintPair['ofSource']) =>
    entries.get(`environment|pg_extension ${extension}`)?.['extversion'];
  const [before, after] = [versionOf(pair.ofSource), versionOf(pair.ofRestored)];
  if (before === undefined || after === undefined || before === after) return null;
  return `part of extension ${extension}, which is ${before} in the source and ${after} here`;
}

/** pg_dump lists only a child's own columns, so the parent's come first whatever their order was. */
function ofColumnOrder(difference: SchemaDifference, pair: FingerprintPair): string | null {
  if (difference.attribute !== 'attnum' || !difference.key.startsWith('pg_attribute|')) return null;
  const relation = relationOfColumn(difference.key);
  const parents = pair.restored.entries
    .filter((entry) => entry.key.startsWith(`pg_inherits|${relation}, `))
    .map((entry) => entry.attributes['inhparent'] as string);
  if (parents.length === 0) return null;
  const before = columnsOf(pair.source, relation);
  const after = columnsOf(pair.restored, relation);
  const inherited = new Set(parents.flatMap((parent) => columnsOf(pair.restored, parent)));
  const expected = [...inherited, ...before.filter((column) => !inherited.has(column))];
  const isReordered =
    after.length === before.length && expected.every((column, index) => after[index] === column);
  return isReordered
    ? `a dump writes the columns of an inheritance child after those of ${parents.join(' and ')}`
    : null;
}

function relationOfColumn(key: string): string {
  return /^pg_attribute\|(?:"(?:[^"]|"")*"|[^ ]+) of (.*)$/s.exec(key)?.[1] ?? '';
}

/** Names in the order of the table. */
function columnsOf(fingerprint: Fingerprint, relation: string): string[] {
  return fingerprint.entries
    .filter(({ key }) => key.startsWith('pg_attribute|') && relationOfColumn(key) === relation)
    .sort((one, other) => Number(one.attributes['attnum']) - Number(other.attributes['attnum']))
    .map(({ key }) => key.slice('pg_attribute|'.length, -` of ${relation}`.length));
}

function ofSubscription({ key, attribute, source, restored }: SchemaDifference): string | null {
  if (
    !key.startsWith('pg_subscription|') ||
    attribute !== 'subenabled' ||
    source !== true ||
    restored !== null
  )
    return null;
  return 'pg_dump writes subscriptions disabled, so that a copy does not start to replicate';
}

function ofRangeConstructor({ key, attribute }: SchemaDifference, pair: FingerprintPair): string | null {
  if (attribute !== 'proacl' || !key.startsWith('pg_proc|')) return null;
  const madeByType = `pg_depend|${key.replace('|', ' ')} on pg_type `;
  const isMade = (entries: Fingerprint['entries']) =>
    entries.some((entry) => entry.key.startsWith(madeByType));
  return isMade(pair.source.entries) && isMade(pair.restored.entries)
    ? 'the server makes this function for a range type, and pg_dump does not carry its privileges'
    : null;
}
