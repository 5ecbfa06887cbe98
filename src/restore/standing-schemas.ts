import type pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../lib/sql.ts';
import { privilegeChanges } from '../source/postgres/fingerprint/privileges.ts';
import { type BackupFacts, isSameState, type OwnedFacts } from './backup-facts.ts';

/**
 * Schemas that a restore does not drop: `public`, and those that hold an extension that stays. pg_dump writes owner,
 * privileges and comment of a schema as changes to the state it expects there, so they are first put into that state.
 */
export interface StandingSchema {
  name: string;
  state: OwnedFacts;
  /** Already as in the backup: then nothing is done to it, which also asks for no rights. */
  isSame: boolean;
  isOurs: boolean;
}

interface SchemaRow {
  name: string;
  owner: string;
  comment: string | null;
  isOurs: boolean;
  items: string[] | null;
  defaults: string[];
  initial: string[] | null;
}

const schemasQuery = `
  SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner, obj_description(n.oid, 'pg_namespace') AS comment,
         pg_has_role(n.nspowner, 'USAGE') AS "isOurs", n.nspacl::text[] AS items,
         acldefault('n', n.nspowner)::text[] AS defaults, p.initprivs::text[] AS initial
  FROM pg_namespace n
  LEFT JOIN pg_init_privs p ON p.classoid = 'pg_namespace'::regclass AND p.objoid = n.oid AND p.objsubid = 0
  WHERE n.nspname = 'public' OR n.oid IN (SELECT extnamespace FROM pg_extension WHERE extname = ANY ($1))
    AND n.oid >= 16384 AND NOT EXISTS (
      SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')`;

/** @param keptExtensions names of the extensions that stay */
export async function readStandingSchemas(
  client: pg.ClientBase,
  facts: BackupFacts,
  keptExtensions: Iterable<string>,
): Promise<StandingSchema[]> {
  const { rows } = await client.query<SchemaRow>(schemasQuery, [[...keptExtensions]]);
  return rows.map(({ name, owner, comment, isOurs, items, defaults, initial }) => {
    const state = { owner, comment, privileges: privilegeChanges(items, defaults, initial, owner) };
    return { name, state, isOurs, isSame: isSameState(facts.schemas.get(name), state) };
  });
}

/** Gives each schema that differs the state in which pg_dump expects it; `public` is dropped or made as the backup has it. */
export async function resetSchemas(
  client: pg.ClientBase,
  facts: BackupFacts,
  schemas: readonly StandingSchema[],
): Promise<void> {
  const inBackup = facts.schemas.get('public');
  if (inBackup && !schemas.some(({ name }) => name === 'public')) {
    await client.query('CREATE SCHEMA public');
    await reset(client, 'public', inBackup);
  }
  for (const { name, isSame } of schemas) {
    if (isSame) continue;
    const wanted = facts.schemas.get(name);
    if (wanted) await reset(client, name, wanted);
    else if (name === 'public') await client.query('DROP SCHEMA public');
  }
}

async function reset(client: pg.ClientBase, name: string, wanted: OwnedFacts) {
  const schema = quoteIdentifier(name);
  const isPublic = name === 'public';
  // initdb's owner since PostgreSQL 15. A dump says every other owner itself.
  if (isPublic && wanted.owner === 'pg_database_owner')
    await client.query('ALTER SCHEMA public OWNER TO pg_database_owner');
  const { rows: grants } = await client.query<{ owner: string; grantee: string | null }>(
    `SELECT DISTINCT pg_get_userbyid(n.nspowner) AS owner, CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee) END AS grantee
     FROM pg_namespace n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
     WHERE n.nspname = $1 AND a.grantor = n.nspowner`,
    [name],
  );
  const statements = grants.map(
    ({ grantee }) =>
      `REVOKE ALL ON SCHEMA ${schema} FROM ${grantee === null ? 'PUBLIC' : quoteIdentifier(grantee)} CASCADE`,
  );
  const { rows: owners } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1',
    [name],
  );
  statements.push(
    `GRANT ALL ON SCHEMA ${schema} TO ${quoteIdentifier(owners[0]!.owner)}`,
    ...(isPublic ? ['GRANT USAGE ON SCHEMA public TO PUBLIC'] : []),
    `COMMENT ON SCHEMA ${schema} IS ${isPublic ? quoteLiteral('standard public schema') : 'NULL'}`,
  );
  await client.query(statements.join('; '));
}
