import type pg from 'pg';
import { quoteIdentifier } from '../lib/sql.ts';

/** One row of `pg_default_acl`: what is granted on objects that the role makes later. */
interface DefaultPrivileges {
  role: string;
  /** Null: in every schema. */
  schema: string | null;
  kind: string;
  /** Null stands for PUBLIC. */
  grantees: (string | null)[];
}

const defaultsQuery = `
  SELECT pg_get_userbyid(d.defaclrole) AS role, n.nspname AS schema, d.defaclobjtype AS kind,
         ARRAY(SELECT DISTINCT CASE WHEN a.grantee <> 0 THEN pg_get_userbyid(a.grantee)::text END
               FROM aclexplode(d.defaclacl) a) AS grantees
  FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace`;

const kinds: Readonly<Record<string, string>> = {
  r: 'TABLES',
  S: 'SEQUENCES',
  f: 'FUNCTIONS',
  T: 'TYPES',
  n: 'SCHEMAS',
  L: 'LARGE OBJECTS',
};

/** Kinds that PUBLIC may use unless somebody takes it away: EXECUTE and USAGE. */
const openToPublic = new Set(['f', 'T']);

/**
 * Puts default privileges back to what a new database has, so that objects made from now on get no grants that their
 * dump does not know of. A dump brings its own ones last.
 */
export async function resetDefaultPrivileges(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<DefaultPrivileges>(defaultsQuery);
  for (const { role, schema, kind, grantees } of rows) {
    const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(role)}${schema === null ? '' : ` IN SCHEMA ${quoteIdentifier(schema)}`}`;
    const on = `ALL ON ${kinds[kind]}`;
    const to = (grantee: string | null) => (grantee === null ? 'PUBLIC' : quoteIdentifier(grantee));
    const statements = grantees.map((grantee) => `${alter} REVOKE ${on} FROM ${to(grantee)}`);
    // Those of a schema are additions to the role's own, and gone when nothing is left of them.
    if (schema === null) {
      statements.push(`${alter} GRANT ${on} TO ${to(role)}`);
      if (openToPublic.has(kind)) statements.push(`${alter} GRANT ${on} TO PUBLIC`);
    }
    await client.query(statements.join('; '));
  }
}

/** Roles whose default privileges the connected role may not change. */
export async function foreignDefaultPrivileges(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT DISTINCT pg_get_userbyid(defaclrole) AS role FROM pg_default_acl WHERE NOT pg_has_role(defaclrole, 'USAGE') ORDER BY 1`,
  );
  return rows.map(({ role }) => role);
}
