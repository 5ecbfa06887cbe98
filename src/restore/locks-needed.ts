import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';

/** A transaction holds a lock on every object it drops or makes until it ends, in a table of fixed size. */
export interface LocksNeeded {
  /** An estimate. */
  needed: number;
  /** What the server's settings promise; a server usually has some more. */
  room: number;
  /** The value of max_locks_per_transaction that promises enough. */
  suggested: number;
}

/**
 * Beyond this multiple of the promised room no server of a usual size has it: measured full at 1.6 to 2.4 times on
 * PostgreSQL 15 to 18. In between only trying tells, and costs nothing but time.
 */
const impossibleFactor = 2.5;

const roomQuery = `
  SELECT sum(setting::int) FILTER (WHERE name <> 'max_locks_per_transaction')::int + 1 AS backends,
         max(setting::int) FILTER (WHERE name = 'max_locks_per_transaction') AS each
  FROM pg_settings WHERE name IN ('max_locks_per_transaction', 'max_connections', 'max_prepared_transactions',
    'autovacuum_max_workers', 'max_worker_processes', 'max_wal_senders')`;

/** Everything that a DROP locks is in pg_depend: the type, the default, the constraint of a dropped table too. */
const droppedQuery = `
  SELECT count(DISTINCT (d.classid, d.objid))::int AS dropped FROM pg_depend d
  WHERE d.objid >= 16384 AND NOT EXISTS (
    SELECT FROM pg_depend e WHERE e.classid = d.classid AND e.objid = d.objid AND e.deptype = 'e')`;

/** @param isReplacing whether what is there now is dropped */
export async function locksNeeded(
  client: pg.ClientBase,
  backup: { manifest: Manifest; fingerprint: Fingerprint },
  isReplacing: boolean,
): Promise<LocksNeeded> {
  const { rows: rooms } = await client.query<{ backends: number; each: number }>(roomQuery);
  const { rows: drops } = await client.query<{ dropped: number }>(droppedQuery);
  const { rows: objects } = await client.query<{ removed: number }>(
    'SELECT count(*)::int AS removed FROM pg_largeobject_metadata WHERE oid <> ALL ($1::oid[])',
    [backup.manifest.largeObjects.map(({ oid }) => oid)],
  );
  const { backends, each } = rooms[0]!;
  const needed =
    locksToMake(backup.fingerprint) + (isReplacing ? drops[0]!.dropped + objects[0]!.removed : 0);
  return { needed, room: backends * each, suggested: roundUp(needed / backends) };
}

/** A table brings its TOAST table and that one's index; functions, types and schemas are locked when they get their owner. */
function locksToMake({ entries }: Fingerprint): number {
  return entries.reduce((sum, { key, attributes }) => {
    if (attributes['extension'] !== undefined) return sum;
    if (key.startsWith('pg_class|')) return sum + (/^[rm]$/.test(attributes['relkind'] as string) ? 3 : 1);
    const isOwned = /^pg_(proc|namespace)\|/.test(key);
    const isType = key.startsWith('pg_type|') && attributes['typrelid'] === undefined;
    return sum + (isOwned || isType ? 1 : 0);
  }, 0);
}

/** The next multiple of 64, which is the default. */
const roundUp = (locks: number) => Math.ceil(locks / 64) * 64;

/** What to do, in plain words; null where it may work. */
export function lackOfLocks({ needed, room, suggested }: LocksNeeded): string | null {
  if (needed <= room * impossibleFactor) return null;
  return `the server has room for about ${room} locks, and this takes about ${needed}: set max_locks_per_transaction = ${suggested} on the target server and restart it`;
}
