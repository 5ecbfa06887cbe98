import { ConfigError } from '../lib/errors.ts';
import type { BackupContents } from './backup-contents.ts';
import { plainName, readableName, type SchemaDescription, tableKey } from './schema-description.ts';

/** One array of the JSON file, and the tables whose rows go into it. */
export interface JsonArray {
  name: string;
  ordinals: ReadonlySet<number>;
}

/** The arrays of a file, and what the backup lacks of them. */
export interface JsonSelection {
  arrays: JsonArray[];
  notCarried: BackupContents['notCarried'];
}

const missionTables = ['enquiries', 'staff'];

/**
 * The arrays of the mission's file: what `SELECT` from `public.enquiries` and `public.staff` shows, so with the rows of
 * their partitions and of tables that inherit from them.
 *
 * @throws ConfigError naming those that the backup does not hold
 */
export function missionArrays(contents: BackupContents): JsonSelection {
  const missing = missionTables.filter((name) => !isHeld({ schema: 'public', name }, contents));
  if (missing.length > 0) {
    const names = missing
      .map((name) => `public.${name}${reasonWhy(`public.${name}`, contents)}`)
      .join(' and ');
    throw new ConfigError(
      `The backup holds no table ${names}, so the file of enquiries and staff cannot be made.`,
      {
        hint: 'Nothing was written. Add --all for every table in one JSON file, or give --out FOLDER for a file each.',
        publicReason: 'the backup lacks the tables of this export',
      },
    );
  }
  const { tables, schema, notCarried } = contents;
  const families = missionTables.map((name) => descendants(tableKey({ schema: 'public', name }), schema));
  const names = new Set(families.flatMap((family) => [...family].map(plainName)));
  return {
    arrays: families.map((family, index) => ({
      name: missionTables[index]!,
      ordinals: new Set(tables.filter((table) => family.has(tableKey(table))).map((table) => table.ordinal)),
    })),
    notCarried: notCarried.filter(({ name }) => names.has(name)),
  };
}

/** An array for every table; rows of a partition go into that of the partitioned table, and so come once. */
export function allArrays({ tables, schema, notCarried }: BackupContents): JsonSelection {
  const ordinals = new Map<string, Set<number>>();
  for (const [key, { isPartitioned, isPartition }] of schema.tables) {
    if (isPartitioned && !isPartition) ordinals.set(key, new Set());
  }
  for (const table of tables) {
    const whole = partitionedWhole(tableKey(table), schema);
    ordinals.set(whole, (ordinals.get(whole) ?? new Set()).add(table.ordinal));
  }
  const arrays = [...ordinals]
    .map(([key, set]) => ({ name: readableName(key), ordinals: set }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return { arrays, notCarried };
}

function isHeld(name: { schema: string; name: string }, { tables, schema }: BackupContents): boolean {
  const key = tableKey(name);
  return schema.tables.get(key)?.isPartitioned === true || tables.some((table) => tableKey(table) === key);
}

function reasonWhy(name: string, { notCarried }: BackupContents): string {
  const found = notCarried.find((each) => each.name === name);
  return found ? ` (${found.reason})` : '';
}

/** A table, and every table below it. */
function descendants(root: string, { parents }: SchemaDescription): Set<string> {
  const family = new Set([root]);
  for (let known = 0; known < family.size; ) {
    known = family.size;
    for (const [child, of] of parents) if (of.some((parent) => family.has(parent))) family.add(child);
  }
  return family;
}

function partitionedWhole(key: string, schema: SchemaDescription): string {
  const parent = schema.tables.get(key)?.isPartition ? schema.parents.get(key)?.[0] : undefined;
  return parent === undefined ? key : partitionedWhole(parent, schema);
}
