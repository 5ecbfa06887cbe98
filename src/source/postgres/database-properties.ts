import type pg from 'pg';
import { quoteLiteral } from '../../lib/sql.ts';

/** What belongs to the database itself and not to anything in it: pg_dump leaves it to `CREATE DATABASE`. */
export interface DatabaseProperties {
  owner: string;
  comment: string | null;
  connectionLimit: number;
  /** `name=value` as the catalog keeps them; `role` null: for everyone. */
  settings: { role: string | null; setting: string }[];
  /** Null: the defaults. `grantee` null: PUBLIC. */
  privileges: { grantee: string | null; privilege: string; isGrantable: boolean }[] | null;
}

const propertiesQuery = `
  SELECT pg_get_userbyid(d.datdba) AS owner, shobj_description(d.oid, 'pg_database') AS comment,
         d.datconnlimit AS "connectionLimit",
         coalesce((SELECT json_agg(json_build_object('role', r.rolname, 'setting', setting) ORDER BY r.rolname NULLS FIRST, i)
                   FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole,
                        unnest(s.setconfig) WITH ORDINALITY AS u(setting, i)
                   WHERE s.setdatabase = d.oid), '[]') AS settings,
         (SELECT json_agg(json_build_object('grantee', g.rolname, 'privilege', a.privilege_type, 'isGrantable', a.is_grantable)
                          ORDER BY g.rolname NULLS FIRST, a.privilege_type)
          FROM aclexplode(d.datacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee) AS privileges
  FROM pg_database d WHERE d.datname = current_database()`;

export async function readDatabaseProperties(client: pg.ClientBase): Promise<DatabaseProperties> {
  const { rows } = await client.query<DatabaseProperties>(propertiesQuery);
  return rows[0]!;
}

/** Parameters whose stored value is already a list of quoted names (GUC_LIST_QUOTE in the server's source). */
const quotedLists = new Set([
  'search_path',
  'temp_tablespaces',
  'session_preload_libraries',
  'shared_preload_libraries',
  'local_preload_libraries',
  'unix_socket_directories',
]);

/**
 * A script that gives the database it runs in these properties, whatever that database is called. It goes last in a
 * restore, because a setting may change how later sessions behave.
 */
export function databaseScript(properties: DatabaseProperties): string {
  const statements = [
    `format('ALTER DATABASE %I OWNER TO %I', current_database(), ${quoteLiteral(properties.owner)})`,
  ];
  if (properties.comment !== null) {
    statements.push(
      `format('COMMENT ON DATABASE %I IS %L', current_database(), ${quoteLiteral(properties.comment)})`,
    );
  }
  if (properties.connectionLimit >= 0) {
    statements.push(
      `format('ALTER DATABASE %I CONNECTION LIMIT ${properties.connectionLimit}', current_database())`,
    );
  }
  if (properties.privileges) {
    statements.push(
      `format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database())`,
      `format('REVOKE ALL ON DATABASE %I FROM %I', current_database(), ${quoteLiteral(properties.owner)})`,
    );
    for (const { grantee, privilege, isGrantable } of properties.privileges) {
      const to = grantee === null ? `'PUBLIC'` : `quote_ident(${quoteLiteral(grantee)})`;
      statements.push(
        `format('GRANT ${privilege} ON DATABASE %I TO %s${isGrantable ? ' WITH GRANT OPTION' : ''}', current_database(), ${to})`,
      );
    }
  }
  for (const { role, setting } of properties.settings) {
    const [name = '', ...rest] = setting.split('=');
    const value = rest.join('=');
    const clause = `${name} TO ${quotedLists.has(name) ? value || `''` : quoteLiteral(value)}`;
    const target =
      role === null ? `'DATABASE'` : `'ROLE ' || quote_ident(${quoteLiteral(role)}) || ' IN DATABASE'`;
    statements.push(`format('ALTER %s %I SET %s', ${target}, current_database(), ${quoteLiteral(clause)})`);
  }
  return statements.map((statement) => `DO ${quoteLiteral(`BEGIN EXECUTE ${statement}; END`)};\n`).join('');
}
