import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { factsOf } from './backup-facts.ts';
import { extensionsLacking, type Role, superuserKinds } from './check-creation.ts';
import { foreignDefaultPrivileges } from './default-privileges.ts';
import { keptExtensions } from './kept-extensions.ts';
import { listRemovable, type Removable } from './removable.ts';
import { type RolesNeeded, rolesNeeded } from './roles-needed.ts';
import { readStandingSchemas, type StandingSchema } from './standing-schemas.ts';

const shownNames = 5;

interface Me extends Role {
  mayMakeRoles: boolean;
  /** Null when there is no `public`. */
  mayCreateInPublic: boolean | null;
  mayCreateSchemas: boolean;
}

const meQuery = `
  SELECT rolname AS name, rolsuper AS "isSuperuser", rolcreaterole AS "mayMakeRoles",
         has_schema_privilege(to_regnamespace('public')::oid, 'CREATE') AS "mayCreateInPublic",
         has_database_privilege(current_database(), 'CREATE') AS "mayCreateSchemas"
  FROM pg_roles WHERE rolname = current_user`;

/**
 * What would stop a restore of everything on its way, in plain words: rights that the connected role lacks, roles and
 * extensions that the server lacks. Only what is certain to fail is told.
 */
export async function missingForReplace(
  client: pg.ClientBase,
  { manifest, fingerprint }: { manifest: Manifest; fingerprint: Fingerprint },
): Promise<string[]> {
  const { rows } = await client.query<Me>(meQuery);
  const me = rows[0]!;
  const facts = factsOf(fingerprint);
  const kept = await keptExtensions(client, facts);
  const standing = await readStandingSchemas(client, facts, kept);
  const same = new Set(standing.filter(({ isSame }) => isSame).map(({ name }) => name));
  const missing = [...facts.extensions]
    .filter(([name]) => !kept.has(name))
    .map(([name, { schema }]) => ({ name, schema }));
  const problems = [
    ...(await rolesLacking(client, me, rolesNeeded(fingerprint, same))),
    ...(await extensionsLacking(client, me, missing)),
  ];
  if (me.isSuperuser) return problems;
  const wantsSchemas = [...facts.schemas.keys()].some((name) => !standing.some((each) => each.name === name));
  const isInPublic = fingerprint.entries.some(
    ({ key, attributes }) =>
      /^pg_(class|proc|type)\|public\./.test(key) && attributes['extension'] === undefined,
  );
  const mayOpenPublic = standing.some(({ name, isOurs }) => name === 'public' && isOurs);
  return [
    ...problems,
    ...foreignObjects(me, await listRemovable(client, kept)),
    ...(await foreignLargeObjects(client, me, manifest)),
    ...foreignSchemas(me, standing),
    ...(await foreignDefaultPrivileges(client)).map(
      (role) => `${me.name} may not change the default privileges that the target has for ${role}`,
    ),
    ...(wantsSchemas && !me.mayCreateSchemas ? [`${me.name} may not create schemas in the target`] : []),
    ...(isInPublic && me.mayCreateInPublic === false && !mayOpenPublic
      ? [`${me.name} may not create anything in the target's schema public`]
      : []),
    ...superuserKinds(me, fingerprint),
  ];
}

function foreignObjects(me: Me, objects: readonly Removable[]): string[] {
  const byOwner = Map.groupBy(
    objects.filter(({ isOurs }) => !isOurs),
    ({ owner }) => owner,
  );
  return [...byOwner].map(([owner, theirs]) => {
    const names = theirs.slice(0, shownNames).map(({ type, identity }) => `${type} ${identity}`);
    const more = theirs.length > shownNames ? ` and ${theirs.length - shownNames} more` : '';
    return `${me.name} may not drop what belongs to ${owner}: ${names.join(', ')}${more}`;
  });
}

async function foreignLargeObjects(client: pg.ClientBase, me: Me, manifest: Manifest): Promise<string[]> {
  const { rows } = await client.query<{ owner: string; count: string }>(
    `SELECT pg_get_userbyid(lomowner) AS owner, count(*) FROM pg_largeobject_metadata
     WHERE NOT pg_has_role(lomowner, 'USAGE') AND oid <> ALL ($1::oid[]) GROUP BY lomowner`,
    [manifest.largeObjects.map(({ oid }) => oid)],
  );
  return rows.map(
    ({ owner, count }) =>
      `${me.name} may not remove the large objects of ${owner}: ${count} that the backup does not have`,
  );
}

function foreignSchemas(me: Me, standing: readonly StandingSchema[]): string[] {
  return standing
    .filter(({ isSame, isOurs }) => !isSame && !isOurs)
    .map(
      ({ name, state }) =>
        `the schema ${name} has other privileges, another owner or another comment than in the backup, and ${me.name} may not change what belongs to ${state.owner}`,
    );
}

async function rolesLacking(
  client: pg.ClientBase,
  me: Me,
  { owners, others }: RolesNeeded,
): Promise<string[]> {
  const names = [...owners.keys(), ...others];
  const { rows } = await client.query<{ name: string; isMember: boolean }>(
    `SELECT rolname::text AS name,
            pg_has_role(oid, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END) AS "isMember"
     FROM pg_roles WHERE rolname = ANY ($1)`,
    [names],
  );
  const found = new Map(rows.map(({ name, isMember }) => [name, isMember]));
  const problems: string[] = [];
  for (const [role, count] of owners) {
    const what = `${count} ${count === 1 ? 'object' : 'objects'} of the backup`;
    const belongs = count === 1 ? 'belongs' : 'belong';
    // A role that was just made is not yet one that its maker may act as.
    if (!found.has(role) && !me.isSuperuser)
      problems.push(`there is no role ${role}, which owns ${what}: create it, and GRANT it to ${me.name}`);
    else if (found.get(role) === false)
      problems.push(`${what} ${belongs} to ${role}: GRANT that role to ${me.name}`);
  }
  if (me.isSuperuser || me.mayMakeRoles) return problems;
  for (const role of others) {
    if (!found.has(role))
      problems.push(`there is no role ${role}, which has privileges in the backup: create it`);
  }
  return problems;
}
