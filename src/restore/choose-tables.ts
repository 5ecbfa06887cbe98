import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { ConfigError } from '../lib/errors.ts';
import { qualifiedName } from '../lib/sql.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { partitionsInBackup, partitionsInTarget, refuseMissingPartitions } from './partitions.ts';

type ManifestTable = Manifest['tables'][number];

/** What mode `tables` replaces. */
export interface ChosenTables {
  /** Tables and leaf partitions whose rows come back, as the manifest has them. */
  restored: ManifestTable[];
  /** Partitions that were added since the backup: the table they belong to had none of their rows. */
  emptied: { schema: string; name: string }[];
}

/**
 * The tables a user names, with the partitions below them.
 *
 * @param names `schema.table`, or a table of `public`
 * @throws ConfigError naming a table that the backup does not have, or partitions that the target does not have
 */
export async function chooseTables(
  client: pg.ClientBase,
  { manifest, fingerprint }: { manifest: Manifest; fingerprint: Fingerprint },
  names: readonly string[],
): Promise<ChosenTables> {
  const restored = new Map<string, ManifestTable>();
  const emptied = new Map<string, ChosenTables['emptied'][number]>();
  for (const text of names) {
    const [schema = '', ...rest] = text.includes('.') ? text.split('.') : ['public', text];
    const table = { schema, name: rest.join('.') };
    const below = partitionsInBackup(fingerprint, table);
    const wanted = new Set([qualifiedName(table), ...below]);
    const found = manifest.tables.filter((each) => wanted.has(qualifiedName(each)));
    if (found.length === 0 && below.size === 0) {
      throw new ConfigError(`The backup has no rows of a table ${text}. The target is as it was.`, {
        hint: 'Write it as schema.table; `holdfast export` shows what a backup holds.',
        publicReason: 'the backup has no such table',
      });
    }
    const inTarget = await partitionsInTarget(client, table);
    if (below.size > 0) refuseMissingPartitions(table, found, inTarget);
    for (const each of found) restored.set(qualifiedName(each), each);
    for (const leaf of inTarget) if (!wanted.has(qualifiedName(leaf))) emptied.set(qualifiedName(leaf), leaf);
  }
  return {
    restored: [...restored.values()],
    emptied: [...emptied.values()].filter((leaf) => !restored.has(qualifiedName(leaf))),
  };
}
