import type pg from 'pg';
import { ConfigError, SourceError } from '../lib/errors.ts';
import type { BackupFacts } from './backup-facts.ts';
import { resetDefaultPrivileges } from './default-privileges.ts';
import { keptExtensions } from './kept-extensions.ts';
import { clearLargeObjects, type KeptLargeObjects } from './kept-large-objects.ts';
import { listRemovable, type Removable } from './removable.ts';
import { readStandingSchemas, resetSchemas, type StandingSchema } from './standing-schemas.ts';

const statementsPerQuery = 200;

/** What was left, because dropping it is not possible or not needed. */
export interface Standing {
  extensions: ReadonlySet<string>;
  schemas: readonly StandingSchema[];
}

/**
 * Removes what a database holds, in the caller's transaction, and brings what stays into the state that a dump is written
 * against. Whatever this misses is an extra object to the comparison that follows, and then nothing is committed.
 *
 * @param largeObjects those that stay
 * @throws ConfigError naming what the role does not own; SourceError when another session holds a lock
 */
export async function clearTarget(
  client: pg.ClientBase,
  facts: BackupFacts,
  largeObjects: KeptLargeObjects,
): Promise<Standing> {
  try {
    const extensions = await keptExtensions(client, facts);
    await drop(client, await listRemovable(client, extensions));
    await clearLargeObjects(client, largeObjects);
    await resetDefaultPrivileges(client);
    const schemas = await readStandingSchemas(client, facts, extensions);
    await resetSchemas(client, facts, schemas);
    return { extensions, schemas };
  } catch (error) {
    throw explain(error);
  }
}

async function drop(client: pg.ClientBase, objects: readonly Removable[]) {
  for (let start = 0; start < objects.length; start += statementsPerQuery) {
    const batch = objects.slice(start, start + statementsPerQuery);
    const statements = batch.map(({ type, identity }) => `DROP ${type} IF EXISTS ${identity} CASCADE`);
    await client.query(statements.join('; '));
  }
}

function explain(error: unknown): unknown {
  const { code, message, hint } = error as { code?: string; message: string; hint?: string };
  if (code === '42501') {
    return new ConfigError(
      `The restoring role may not remove what the target holds: ${message}. The target is as it was.`,
      {
        hint: 'Restore as the owner of the objects, or into an empty database with --mode new.',
        publicReason: 'the role may not replace what the target holds',
      },
    );
  }
  if (code === '55P03') {
    return new SourceError(
      'Another session holds a lock on the target, and did not end in time. The target is as it was.',
      {
        hint: 'Stop the application that uses it (--plan shows the sessions), then run the restore again.',
        publicReason: 'the target was in use',
      },
    );
  }
  if (code === '53200' && hint?.includes('max_locks_per_transaction')) {
    return new ConfigError(
      `The target server has too few locks to replace all that the target holds: ${message}. The target is as it was.`,
      {
        hint: 'Raise max_locks_per_transaction on the target server (--plan says how far) and restart it, or restore into an empty database with --mode new.',
        publicReason: 'the target server is too small for the schema',
      },
    );
  }
  return error;
}
