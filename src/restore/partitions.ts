import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { ConfigError } from '../lib/errors.ts';
import { qualifiedName } from '../lib/sql.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { unquote } from '../source/postgres/fingerprint/privileges.ts';

interface TableName {
  schema: string;
  name: string;
}

/** Qualified names of the partitions below a table, at any depth, as the backup had them. */
export function partitionsInBackup({ entries }: Fingerprint, table: TableName): Set<string> {
  const partitions = new Set(
    entries
      .filter(({ key, attributes }) => key.startsWith('pg_class|') && attributes['relispartition'] === true)
      .map(({ key }) => nameOf(key.slice('pg_class|'.length))),
  );
  const children = new Map<string, string[]>();
  for (const { key, attributes } of entries) {
    const child = /^pg_inherits\|(.*), \d+$/s.exec(key)?.[1];
    // Classic inheritance is no partition: the parent has rows of its own there.
    if (child === undefined || !partitions.has(nameOf(child))) continue;
    const parent = nameOf(attributes['inhparent'] as string);
    children.set(parent, [...(children.get(parent) ?? []), nameOf(child)]);
  }
  const below = new Set<string>();
  const add = (parent: string) => {
    for (const child of children.get(parent) ?? []) {
      below.add(child);
      add(child);
    }
  };
  add(qualifiedName(table));
  return below;
}

/** The same name with both parts quoted, from one that is quoted only where it must be. */
function nameOf(identity: string): string {
  const [, schema = '', name = ''] = /^("(?:[^"]|"")*"|[^".]+)\.(.*)$/s.exec(identity) ?? [];
  return qualifiedName({ schema: unquote(schema), name: unquote(name) });
}

/** The leaf partitions that a table of the target has here, not on another server; none when it is not partitioned or not there. */
export async function partitionsInTarget(client: pg.ClientBase, table: TableName): Promise<TableName[]> {
  const { rows } = await client.query<TableName>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_partition_tree(to_regclass($1)) t
     JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE t.isleaf AND t.level > 0 AND c.relkind = 'r' ORDER BY 1, 2`,
    [qualifiedName(table)],
  );
  return rows;
}

/** @throws ConfigError naming the partitions of the backup that are none of this table in the target */
export function refuseMissingPartitions(
  table: TableName,
  inBackup: readonly Manifest['tables'][number][],
  inTarget: readonly TableName[],
): void {
  const present = new Set(inTarget.map(qualifiedName));
  const missing = inBackup.filter((leaf) => !present.has(qualifiedName(leaf)));
  if (missing.length === 0) return;
  const names = missing.map((leaf) => `${leaf.schema}.${leaf.name} (${leaf.rows} rows)`);
  throw new ConfigError(
    `The backup has partitions of ${table.schema}.${table.name} that it has not in the target: ${names.join(', ')}. The target is as it was.`,
    {
      hint: 'Create or attach them in the target first, name only the partitions you want, or use --mode replace.',
      publicReason: 'the target lacks partitions of a table to restore',
    },
  );
}
