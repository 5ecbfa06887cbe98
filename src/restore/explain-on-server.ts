import type pg from 'pg';
import { withCanonicalSettings } from '../source/postgres/fingerprint/settings.ts';
import type { SchemaDifference } from './compare-schema.ts';
import { reparsed } from './reparse-definition.ts';

/** Asks the restored server about each difference that has no explanation yet. Nothing it does there stays. */
export async function explainOnServer(
  client: pg.ClientBase,
  differences: readonly SchemaDifference[],
): Promise<SchemaDifference[]> {
  const explain = async () => {
    const missing = await missingNames(client);
    const answered: SchemaDifference[] = [];
    for (const difference of differences) {
      const explanation =
        difference.explanation ?? missing(difference) ?? (await explainByReparsing(client, difference));
      answered.push({ ...difference, explanation });
    }
    return answered;
  };
  return inRolledBackTransaction(client, () => withCanonicalSettings(client, explain));
}

async function explainByReparsing(
  client: pg.ClientBase,
  difference: SchemaDifference,
): Promise<string | null> {
  const text = await reparsed(client, difference);
  return text !== null && text === difference.restored
    ? "the same definition: this server writes the source's own text this way"
    : null;
}

/** Uses the caller's transaction if one is open; its settings and locks come back with the savepoint. */
async function inRolledBackTransaction<Result>(
  client: pg.ClientBase,
  work: () => Promise<Result>,
): Promise<Result> {
  const isOpen = await client.query('savepoint holdfast_probe').then(
    () => true,
    (error: { code?: string }) => {
      if (error.code === '25P01') return false;
      throw error;
    },
  );
  if (!isOpen) await client.query('begin');
  try {
    return await work();
  } finally {
    await client.query(
      isOpen ? 'rollback to savepoint holdfast_probe; release savepoint holdfast_probe' : 'rollback',
    );
  }
}

/** Explains what follows from roles and tablespaces: they belong to the server, and this one may not have them. */
async function missingNames(client: pg.ClientBase): Promise<(difference: SchemaDifference) => string | null> {
  const roles = await client.query<{ name: string }>(
    'select r.rolname::text as name from pg_catalog.pg_roles r union all select pg_catalog.quote_ident(r.rolname) from pg_catalog.pg_roles r',
  );
  const spaces = await client.query<{ name: string }>(
    'select pg_catalog.quote_ident(s.spcname) as name from pg_catalog.pg_tablespace s',
  );
  const knownRoles = new Set([...roles.rows.map((row) => row.name), 'PUBLIC', '(owner)']);
  const knownSpaces = new Set(spaces.rows.map((row) => row.name));
  return ({ kind, attribute, source, restored }) => {
    if (kind !== 'changed' || attribute === null) return null;
    if (attribute === 'reltablespace' && typeof source === 'string' && !knownSpaces.has(source)) {
      return `this server has no tablespace ${source}`;
    }
    if (/owner$/.test(attribute) && typeof source === 'string' && !knownRoles.has(source)) {
      return `this server has no role ${source}`;
    }
    if (attribute.endsWith('acl')) {
      const [before, after] = [source ?? [], restored ?? []] as [string[], string[]];
      const lost = before.filter((grant) => !after.includes(grant));
      const absent = lost.flatMap(rolesOf).filter((role) => !knownRoles.has(role));
      const isAllAboutThem = lost.every((grant) => rolesOf(grant).some((role) => !knownRoles.has(role)));
      if (absent.length > 0 && isAllAboutThem && after.every((grant) => before.includes(grant))) {
        return `this server has no role ${[...new Set(absent)].join(', ')}`;
      }
    }
    return null;
  };
}

/** Grantee and grantor of `+grantee=letters/grantor`. */
function rolesOf(grant: string): string[] {
  const match = /^[+-]("(?:[^"]|"")*"|[^=]*)=[^/]*\/(.*)$/s.exec(grant);
  return match ? [match[1]!, match[2]!] : [];
}
