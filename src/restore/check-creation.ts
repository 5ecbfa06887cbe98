import type pg from 'pg';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';

/** The connected role. */
export interface Role {
  name: string;
  isSuperuser: boolean;
}

/** Extensions to make that the server has not, or that are not the role's to make. */
export async function extensionsLacking(
  client: pg.ClientBase,
  me: Role,
  wanted: { name: string; schema: string }[],
): Promise<string[]> {
  const { rows } = await client.query<{ name: string; isOpen: boolean }>(
    `SELECT v.name::text AS name, bool_or(NOT v.superuser OR v.trusted) AS "isOpen"
     FROM pg_available_extension_versions v JOIN pg_available_extensions x ON x.name = v.name AND x.default_version = v.version
     WHERE v.name = ANY ($1) GROUP BY v.name`,
    [wanted.map(({ name }) => name)],
  );
  const available = new Map(rows.map(({ name, isOpen }) => [name, isOpen]));
  return wanted.flatMap(({ name, schema }) => {
    if (!available.has(name)) return [`the target server has no extension ${name}: install it`];
    if (available.get(name) || me.isSuperuser) return [];
    return [
      `only a superuser may create the extension ${name}: have it created in the target first, in the schema ${schema}`,
    ];
  });
}

/** Kinds that only a superuser makes, up to PostgreSQL 18. */
export function superuserKinds(me: Role, { entries }: Fingerprint): string[] {
  const kinds = { pg_event_trigger: 'event triggers', pg_foreign_data_wrapper: 'foreign-data wrappers' };
  return Object.entries(kinds).flatMap(([catalog, kind]) => {
    const count = entries.filter(
      ({ key, attributes }) => key.startsWith(`${catalog}|`) && attributes['extension'] === undefined,
    ).length;
    return count > 0
      ? [`only a superuser may create the ${count} ${kind} of the backup; ${me.name} is none`]
      : [];
  });
}
