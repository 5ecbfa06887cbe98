import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { firstUserOid } from '../source/postgres/fingerprint/user-rows.ts';
import type { SchemaDifference } from './compare-schema.ts';

/** What the reasons below look up in one fingerprint. */
interface Side {
  unreadable: readonly string[];
  entries: Map<string, Record<string, unknown>>;
  /** Relation → its columns, in order. */
  columns: Map<string, string[]>;
  /** Relation → what it inherits from, in order. */
  parents: Map<string, string[]>;
  /** Functions that the server made for a range type. */
  constructors: Set<string>;
}

interface Pair {
  source: Side;
  restored: Side;
}

/** Gives the reason of a difference that no dump can avoid, where the fingerprints prove it; otherwise null. */
export function knownResidues(
  source: Fingerprint,
  restored: Fingerprint,
): (difference: SchemaDifference) => string | null {
  const pair = { source: sideOf(source), restored: sideOf(restored) };
  return (difference) =>
    ofEnvironment(difference) ??
    ofUnreadable(difference, pair) ??
    ofExtensionVersion(difference, pair) ??
    ofColumnOrder(difference, pair) ??
    ofSubscription(difference) ??
    ofBuiltInOwner(difference) ??
    ofRangeConstructor(difference, pair) ??
    ofLowLargeObject(difference, pair);
}

function sideOf({ entries, unreadable }: Fingerprint): Side {
  const side: Side = {
    unreadable,
    entries: new Map(entries.map((entry) => [entry.key, entry.attributes])),
    columns: new Map(),
    parents: new Map(),
    constructors: new Set(),
  };
  const add = (map: Map<string, string[]>, key: string, value: string) =>
    map.set(key, [...(map.get(key) ?? []), value]);
  const columns: { relation: string; name: string; position: number }[] = [];
  for (const { key, attributes } of entries) {
    const column = /^pg_attribute\|("(?:[^"]|"")*"|[^ ]+) of (.*)$/s.exec(key);
    if (column)
      columns.push({ name: column[1]!, relation: column[2]!, position: Number(attributes['attnum']) });
    const child = /^pg_inherits\|(.*), \d+$/s.exec(key)?.[1];
    if (child) add(side.parents, child, attributes['inhparent'] as string);
    const routine = /^pg_depend\|pg_proc (.*) on pg_type /s.exec(key)?.[1];
    if (routine) side.constructors.add(routine);
  }
  columns.sort((one, other) => one.position - other.position);
  for (const { relation, name } of columns) add(side.columns, relation, name);
  return side;
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

/** The same privileges were taken away or given; only that the owner is the one they concern is said in another way. */
function ofBuiltInOwner({ key, kind, source, restored }: SchemaDifference): string | null {
  if (kind !== 'changed' || !key.includes('|built-in ')) return null;
  if (!Array.isArray(source) || !Array.isArray(restored)) return null;
  const grantors = new Set(source.map((change) => /\/(.+)$/s.exec(String(change))?.[1]));
  const isSame = [...grantors].some((role) => {
    const asOwner = source.map((change) =>
      String(change).replace(`${role}=`, '(owner)=').replace(`/${role}`, '/(owner)'),
    );
    return role !== undefined && asOwner.toSorted().join() === restored.toSorted().join();
  });
  return isSame
    ? 'a built-in was given to another owner, which no dump carries; its privileges are the same'
    : null;
}

function ofUnreadable({ key, attribute }: SchemaDifference, { source, restored }: Pair): string | null {
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
function ofExtensionVersion({ key, attribute }: SchemaDifference, { source, restored }: Pair): string | null {
  const extension = (source.entries.get(key) ?? restored.entries.get(key))?.['extension'];
  if (extension === undefined || attribute?.endsWith('acl')) return null;
  const versionKey = `environment|pg_extension ${extension}`;
  const before = source.entries.get(versionKey)?.['extversion'];
  const after = restored.entries.get(versionKey)?.['extversion'];
  if (before === undefined || after === undefined || before === after) return null;
  return `part of extension ${extension}, which is ${before} in the source and ${after} here`;
}

/** pg_dump lists only a child's own columns, so the parent's come first whatever their order was. */
function ofColumnOrder({ key, attribute }: SchemaDifference, { source, restored }: Pair): string | null {
  if (attribute !== 'attnum') return null;
  const relation = /^pg_attribute\|(?:"(?:[^"]|"")*"|[^ ]+) of (.*)$/s.exec(key)?.[1] ?? '';
  const parents = restored.parents.get(relation);
  if (!parents) return null;
  const before = source.columns.get(relation) ?? [];
  const after = restored.columns.get(relation) ?? [];
  const inherited = new Set(parents.flatMap((parent) => restored.columns.get(parent) ?? []));
  const expected = [...inherited, ...before.filter((column) => !inherited.has(column))];
  const isReordered =
    after.length === before.length && expected.every((column, index) => after[index] === column);
  return isReordered
    ? `a dump writes the columns of an inheritance child after those of ${parents.join(' and ')}`
    : null;
}

function ofSubscription({ key, attribute, source, restored }: SchemaDifference): string | null {
  const isDisabled =
    key.startsWith('pg_subscription|') && attribute === 'subenabled' && source === true && restored === null;
  return isDisabled
    ? 'pg_dump writes subscriptions disabled, so that a copy does not start to replicate'
    : null;
}

function ofRangeConstructor({ key, attribute }: SchemaDifference, { source, restored }: Pair): string | null {
  if (attribute !== 'proacl') return null;
  const routine = key.slice('pg_proc|'.length);
  return source.constructors.has(routine) && restored.constructors.has(routine)
    ? 'the server makes this function for a range type, and pg_dump does not carry its privileges'
    : null;
}

const largeObject = /\bpg_largeobject(?:_metadata)?\W+(\d+)$/;

/**
 * Fingerprints taken before 23 November 2026 said nothing of large objects whose owner chose a number below those that the
 * server gives. Whether such an object is there, and what it holds, is compared apart from the schema.
 */
function ofLowLargeObject({ key, kind }: SchemaDifference, { source }: Pair): string | null {
  const isLow = (of: string) => Number(largeObject.exec(of)?.[1] ?? firstUserOid) < firstUserOid;
  if (kind !== 'extra' || !isLow(key) || [...source.entries.keys()].some(isLow)) return null;
  return 'the backup was made when large objects of such numbers were not described; its content was compared';
}
