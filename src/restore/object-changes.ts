import { isDeepStrictEqual } from 'node:util';
import type { Fingerprint, FingerprintEntry } from '../source/postgres/fingerprint/fingerprint.ts';

/** How many objects of one kind a restore takes away, brings, and makes otherwise than they are now. */
export interface ObjectChanges {
  /** In the plural: `tables`, `functions`. */
  kind: string;
  lost: number;
  gained: number;
  /** Null when the target is of another major, which describes the same object in other words. */
  changed: number | null;
}

const relations: Readonly<Record<string, string>> = {
  r: 'tables',
  p: 'tables',
  f: 'foreign tables',
  v: 'views',
  m: 'materialized views',
  S: 'sequences',
  i: 'indexes',
  I: 'indexes',
};

const catalogs: Readonly<Record<string, string>> = {
  pg_namespace: 'schemas',
  pg_extension: 'extensions',
  pg_proc: 'functions',
  pg_constraint: 'constraints',
  pg_trigger: 'triggers',
  pg_policy: 'policies',
  pg_publication: 'publications',
  pg_subscription: 'subscriptions',
  pg_event_trigger: 'event triggers',
  pg_foreign_server: 'foreign servers',
  pg_collation: 'collations',
  pg_operator: 'operators',
  pg_default_acl: 'default privileges',
};

/** Order of the list, and all kinds there are. */
const kinds = [...new Set(['schemas', ...Object.values(relations), 'types', ...Object.values(catalogs)])];

/** Null for what belongs to another object, such as a column, or to an extension. */
function kindOf({ key, attributes }: FingerprintEntry): string | null {
  const catalog = key.slice(0, key.indexOf('|'));
  if (key.includes('|built-in ') || attributes['extension'] !== undefined) return null;
  if (catalog === 'pg_class') return relations[attributes['relkind'] as string] ?? null;
  // Every table has a row type of its own.
  if (catalog === 'pg_type') return attributes['typrelid'] === undefined ? 'types' : null;
  if (catalog === 'pg_trigger' && attributes['tgisinternal'] === true) return null;
  return catalogs[catalog] ?? null;
}

/** What a replace would do to the objects of the target, from their descriptions alone. Kinds that stay are left out. */
export function objectChanges(backup: Fingerprint, target: Fingerprint): ObjectChanges[] {
  const isComparable = backup.serverMajor === target.serverMajor;
  const before = new Map(target.entries.map((entry) => [entry.key, entry]));
  const after = new Map(backup.entries.map((entry) => [entry.key, entry]));
  const changes = new Map<string, ObjectChanges>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [now, then] = [before.get(key), after.get(key)];
    const kind = kindOf((then ?? now)!);
    if (kind === null) continue;
    const count = changes.get(kind) ?? { kind, lost: 0, gained: 0, changed: isComparable ? 0 : null };
    changes.set(kind, count);
    if (!then) count.lost++;
    else if (!now) count.gained++;
    else if (count.changed !== null && !isDeepStrictEqual(now.attributes, then.attributes)) count.changed++;
  }
  return kinds
    .map((kind) => changes.get(kind))
    .filter((count) => count !== undefined)
    .filter(({ lost, gained, changed }) => lost + gained + (changed ?? 0) > 0);
}
