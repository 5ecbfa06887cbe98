import pg from 'pg';
import { unquote } from '../source/postgres/fingerprint/privileges.ts';
import type { SchemaDifference } from './compare-schema.ts';

const probe = 'holdfast_probe';

/**
 * What this server makes of the source's text of a definition, when it reads it in and writes it out again; null where
 * it can't be tried. PostgreSQL's own text is not a fixed point: `x in ('a', 'b')` on a varchar column gains casts
 * each of the first two times. Runs in a savepoint that is rolled back.
 */
export async function reparsed(client: pg.ClientBase, difference: SchemaDifference): Promise<string | null> {
  const { key, attribute, kind, source } = difference;
  const [, catalog, identity] = /^(\w+)\|(.*)$/s.exec(key) ?? [];
  const attempt = attempts[`${catalog}.${attribute}`];
  if (kind !== 'changed' || !attempt || typeof source !== 'string' || identity === undefined) return null;
  await client.query('savepoint holdfast_reparse');
  try {
    return await attempt(client, source, identity);
  } catch {
    // The source's text does not even load here: then it stays a difference.
    return null;
  } finally {
    await client.query('rollback to savepoint holdfast_reparse; release savepoint holdfast_reparse');
  }
}

type Attempt = (client: pg.ClientBase, text: string, identity: string) => Promise<string | null>;

const attempts: Readonly<Record<string, Attempt>> = {
  'pg_constraint.conbin': async (client, text, identity) => {
    const { owner } = parts(identity);
    const table = await emptyTwin(client, owner);
    if (table) await client.query(`alter table ${table} add constraint ${probe} ${text}`);
    else {
      const base = await one(
        client,
        'select format_type(t.typbasetype, t.typtypmod) from pg_type t where t.oid = to_regtype($1)',
        [owner],
      );
      await client.query(`create domain pg_temp.${probe} as ${base} constraint ${probe} ${text}`);
    }
    return one(client, 'select pg_get_constraintdef(c.oid) from pg_constraint c where c.conname = $1', [
      probe,
    ]);
  },

  'pg_rewrite.ev_action': async (client, text, identity) => {
    const { name, owner } = parts(identity);
    if (name === '_RETURN') {
      await client.query(`create temporary view ${probe} as ${text}`);
      return one(client, `select pg_get_viewdef('pg_temp.${probe}'::regclass)`);
    }
    await client.query(text.replace(/^CREATE RULE /, 'CREATE OR REPLACE RULE '));
    const query =
      'select pg_get_ruledef(r.oid) from pg_rewrite r where r.ev_class = to_regclass($1) and r.rulename = $2';
    return one(client, query, [owner, name]);
  },

  'pg_index.indexprs': reparseIndex,
  'pg_index.indpred': reparseIndex,

  'pg_policy.polqual': (client, text, identity) => reparsePolicy(client, text, identity, 'using', 'polqual'),
  'pg_policy.polwithcheck': (client, text, identity) =>
    reparsePolicy(client, text, identity, 'with check', 'polwithcheck'),

  'pg_attrdef.adbin': async (client, text, identity) => {
    const { name, owner } = parts(identity);
    const table = await emptyTwin(client, owner);
    // A generated column can't be given another expression, so a further one takes its place.
    const generatedType = await one(
      client,
      `select format_type(a.atttypid, a.atttypmod) from pg_attribute a
       where a.attrelid = to_regclass($1) and a.attname = $2 and a.attgenerated <> ''`,
      [owner, name],
    );
    const column = generatedType === null ? name : probe;
    await client.query(
      generatedType === null
        ? `alter table ${table} alter column ${pg.escapeIdentifier(name)} set default ${text}`
        : `alter table ${table} add column ${probe} ${generatedType} generated always as (${text}) stored`,
    );
    return one(
      client,
      `select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d
       join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
       where d.adrelid = to_regclass($1) and a.attname = $2`,
      [table, column],
    );
  },

  'pg_trigger.tgqual': async (client, text, identity) => {
    const { name, owner } = parts(identity);
    await client.query(`drop trigger ${pg.escapeIdentifier(name)} on ${await relationText(client, owner)}`);
    await client.query(text);
    const query =
      'select pg_get_triggerdef(t.oid) from pg_trigger t where t.tgrelid = to_regclass($1) and t.tgname = $2';
    return one(client, query, [owner, name]);
  },

  'pg_proc.prosqlbody': async (client, text, identity) => {
    const body = 'select pg_get_function_sqlbody(to_regprocedure($1))';
    const own = await one(client, body, [identity]);
    const definition = await one(client, 'select pg_get_functiondef(to_regprocedure($1))', [identity]);
    if (own === null || !definition?.includes(own)) return null;
    await client.query(definition.replace(own, () => text));
    return one(client, body, [identity]);
  },
};

async function reparseIndex(client: pg.ClientBase, text: string, identity: string): Promise<string | null> {
  const query = `select x.indrelid::regclass::text, quote_ident(c.relname) from pg_index x
    join pg_class c on c.oid = x.indexrelid where x.indexrelid = to_regclass($1)`;
  const found = await client.query<[string, string]>({ text: query, values: [identity], rowMode: 'array' });
  const [table, name] = found.rows[0] ?? [];
  if (table === undefined) return null;
  const twin = await emptyTwin(client, table);
  const on = new RegExp(` ON (ONLY )?${RegExp.escape(table)} USING `);
  const only = on.exec(text)?.[1] ?? '';
  await client.query(text.replace(on, () => ` ON ${twin} USING `));
  const definition = await one(client, 'select pg_get_indexdef(to_regclass($1))', [`pg_temp.${name}`]);
  const onTwin = / ON pg_temp(?:_\d+)?\.(?:"(?:[^"]|"")*"|[^ ]+) USING /;
  return definition?.replace(onTwin, () => ` ON ${only}${table} USING `) ?? null;
}

async function reparsePolicy(
  client: pg.ClientBase,
  text: string,
  identity: string,
  clause: 'using' | 'with check',
  column: 'polqual' | 'polwithcheck',
): Promise<string | null> {
  const table = await emptyTwin(client, parts(identity).owner);
  await client.query(`create policy ${probe} on ${table} ${clause} (${text})`);
  return one(client, `select pg_get_expr(p.${column}, p.polrelid) from pg_policy p where p.polname = $1`, [
    probe,
  ]);
}

/** A temporary table with the columns and the name of a relation (texts may use the name), or null if there is none. */
async function emptyTwin(client: pg.ClientBase, identity: string): Promise<string | null> {
  const relation = await relationText(client, identity);
  if (relation === null) return null;
  const name = await one(
    client,
    'select quote_ident(c.relname) from pg_class c where c.oid = to_regclass($1)',
    [identity],
  );
  await client.query(`create temporary table pg_temp.${name} (like ${relation})`);
  return `pg_temp.${name}`;
}

/** A relation as SQL has to name it: the keywords among the names quoted. */
function relationText(client: pg.ClientBase, identity: string): Promise<string | null> {
  return one(client, 'select to_regclass($1)::text', [identity]);
}

/** `name of owner`: the name bare, the owner as `to_regclass` and `to_regtype` read it. */
function parts(identity: string): { name: string; owner: string } {
  const [, name, owner] = /^("(?:[^"]|"")*"|[^ ]+) of (.*)$/s.exec(identity) ?? [];
  return { name: unquote(name ?? ''), owner: owner ?? '' };
}

async function one(client: pg.ClientBase, text: string, values: unknown[] = []): Promise<string | null> {
  const result = await client.query<[string | null]>({ text, values, rowMode: 'array' });
  return result.rows[0]?.[0] ?? null;
}
