import type pg from 'pg';
import { ConfigError, SourceError } from '../lib/errors.ts';
import { quoteIdentifier } from '../lib/sql.ts';

/**
 * Removes what a database holds, in the caller's transaction. It asks the catalog what there is instead of keeping a list
 * of kinds; whatever it misses is an extra object to the comparison that follows, and then nothing is committed.
 */

interface Removable {
  type: string;
  identity: string;
}

/** Kinds outside of schemas, in an order in which they do not disturb the rest: event triggers would fire at every DROP. */
const databaseWideKinds = [
  'pg_event_trigger',
  'pg_publication',
  'pg_subscription',
  'pg_transform',
  'pg_cast',
  'pg_foreign_server',
  'pg_foreign_data_wrapper',
  'pg_language',
  'pg_am',
];

/** Objects made by users; the server's own have lower OIDs, and an extension's go with it. */
const isUsers = (alias: string) => `${alias}.objid >= 16384 AND NOT EXISTS (
  SELECT FROM pg_depend e WHERE e.classid = ${alias}.classid AND e.objid = ${alias}.objid 
    -- A partitioned table depends on its own key columns in this way, and is no part of another object for that.
    AND (e.deptype = 'e' OR e.deptype = 'i' AND NOT (e.refclassid = e.classid AND e.refobjid = e.objid)))`;

const inSchemasQuery = `
  SELECT DISTINCT i.type, i.identity
  FROM pg_depend d JOIN pg_namespace n ON d.refclassid = 'pg_namespace'::regclass AND n.oid = d.refobjid
  CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, 0) i
  WHERE d.deptype = 'n' AND d.classid <> 'pg_default_acl'::regclass AND d.classid <> 'pg_extension'::regclass
    AND d.classid <> 'pg_publication_namespace'::regclass AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
    AND i.type <> 'toast table' AND ${isUsers('d')}`;

const schemasQuery = `
  SELECT 'schema' AS type, quote_ident(n.nspname) AS identity FROM pg_namespace n
  WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname NOT IN ('information_schema', 'public')
    AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
    AND NOT EXISTS (SELECT FROM pg_extension x WHERE x.extnamespace = n.oid)`;

/** What DROP calls the types that `pg_identify_object` names otherwise. */
const dropNames: Record<string, string> = {
  'statistics object': 'statistics',
  'composite type': 'type',
  'foreign-data wrapper': 'foreign data wrapper',
};
const statementsPerQuery = 200;

/**
 * @param keepExtensions extensions that the backup has too: they stay, since an ordinary role may not make them again
 * @throws ConfigError naming what the role does not own; SourceError when another session holds a lock
 */
export async function clearTarget(client: pg.ClientBase, keepExtensions: ReadonlySet<string>): Promise<void> {
  try {
    for (const catalog of databaseWideKinds) {
      const { rows } = await client.query<Removable>(`
        SELECT i.type, i.identity FROM (SELECT '${catalog}'::regclass AS classid, oid AS objid FROM ${catalog}
          ${catalog === 'pg_subscription' ? 'WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())' : ''}) o
        CROSS JOIN LATERAL pg_identify_object(o.classid, o.objid, 0) i WHERE ${isUsers('o')}`);
      await drop(client, rows);
    }
    await drop(client, (await client.query<Removable>(inSchemasQuery)).rows);
    const { rows: extensions } = await client.query<{ extname: string }>(
      `SELECT extname FROM pg_extension WHERE oid >= 16384`,
    );
    const extra = extensions.filter(({ extname }) => !keepExtensions.has(extname));
    await drop(
      client,
      extra.map(({ extname }) => ({ type: 'extension', identity: quoteIdentifier(extname) })),
    );
    await drop(client, (await client.query<Removable>(schemasQuery)).rows);
    await client.query('SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
  } catch (error) {
    throw explain(error);
  }
}

async function drop(client: pg.ClientBase, objects: Removable[]) {
  for (let start = 0; start < objects.length; start += statementsPerQuery) {
    const batch = objects.slice(start, start + statementsPerQuery);
    const statements = batch.map(
      ({ type, identity }) => `DROP ${dropNames[type] ?? type} IF EXISTS ${identity} CASCADE`,
    );
    if (statements.length > 0) await client.query(statements.join('; '));
  }
}

function explain(error: unknown): unknown {
  const { code, message } = error as { code?: string; message: string };
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
  return error;
}
