import type pg from 'pg';
import { explainRebuild } from './explain-rebuild.ts';

/** How to give tables back what was taken from them while their rows are replaced. */
export interface Silenced {
  enableTriggers(): Promise<void>;
  /** @throws IntegrityError when the new rows break one */
  addForeignKeys(): Promise<void>;
}

/**
 * Drops the foreign keys from and to tables, and disables users' triggers, which an owner may: rows come and go in any
 * order then, and nothing fires.
 *
 * @param oids SQL of an `oid[]`
 */
export async function silenceTables(client: pg.ClientBase, oids: string): Promise<Silenced> {
  const foreignKeys = await dropForeignKeys(client, oids);
  const triggers = await disableTriggers(client, oids);
  return {
    async enableTriggers() {
      for (const statement of triggers) await client.query(statement);
    },
    async addForeignKeys() {
      for (const statement of foreignKeys) await addForeignKey(client, statement);
    },
  };
}

/** Drops the foreign keys from and to these tables; returns the statements that make them again, with their comments. */
async function dropForeignKeys(client: pg.ClientBase, oids: string): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; add: string; comment: string | null }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', c.conrelid::regclass, c.conname) AS drop,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS add,
            format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, c.conrelid::regclass, obj_description(c.oid, 'pg_constraint')) AS comment
     FROM pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0
       AND (c.conrelid = ANY (${oids}) OR c.confrelid = ANY (${oids})
         OR EXISTS (SELECT FROM pg_partition_ancestors(c.conrelid) a WHERE a.relid = ANY (${oids}))
         OR EXISTS (SELECT FROM unnest(${oids}) o CROSS JOIN LATERAL pg_partition_ancestors(o) a WHERE a.relid IN (c.conrelid, c.confrelid)))`,
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.flatMap(({ add, comment }) =>
    comment && !comment.endsWith(' IS NULL') ? [add, comment] : [add],
  );
}

async function addForeignKey(client: pg.ClientBase, statement: string) {
  try {
    await client.query(statement);
  } catch (error) {
    throw explainRebuild(error, 'a foreign key to or from the restored tables', statement);
  }
}

/** Disables the users' triggers, which an owner may; returns the statements that give each the state it had. */
async function disableTriggers(client: pg.ClientBase, oids: string): Promise<string[]> {
  const { rows } = await client.query<{ disable: string; restore: string }>(
    `SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS disable,
            format('ALTER TABLE %s %s TRIGGER %I', tgrelid::regclass,
                   CASE tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
                   tgname) AS restore
     FROM pg_trigger WHERE tgrelid = ANY (${oids}) AND NOT tgisinternal`,
  );
  for (const { disable } of rows) await client.query(disable);
  return rows.map(({ restore }) => restore);
}
