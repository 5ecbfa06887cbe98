import type pg from 'pg';
import { quoteIdentifier, quoteLiteral } from '../lib/sql.ts';
import type { BackupFacts } from './backup-facts.ts';
import { explainRebuild } from './explain-rebuild.ts';

/**
 * Extensions that the target has where the backup has them. They stay, since an ordinary role may not make them again;
 * one in another schema is dropped and made anew.
 */
export async function keptExtensions(client: pg.ClientBase, facts: BackupFacts): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string; schema: string }>(
    'SELECT x.extname AS name, n.nspname AS schema FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace',
  );
  const kept = rows.filter(({ name, schema }) => facts.extensions.get(name)?.schema === schema);
  return new Set(kept.map(({ name }) => name));
}

/**
 * Gives kept extensions the comment of the backup where it is another one: only their owner may, and on managed servers
 * that is never the application's role.
 */
export async function restoreExtensionComments(
  client: pg.ClientBase,
  facts: BackupFacts,
  kept: ReadonlySet<string>,
): Promise<void> {
  const { rows } = await client.query<{ name: string; comment: string | null }>(
    `SELECT extname AS name, obj_description(oid, 'pg_extension') AS comment FROM pg_extension WHERE extname = ANY ($1)`,
    [[...kept]],
  );
  for (const { name, comment } of rows) {
    const wanted = facts.extensions.get(name)!.comment;
    if (wanted === comment) continue;
    const text = wanted === null ? 'NULL' : quoteLiteral(wanted);
    try {
      await client.query(`COMMENT ON EXTENSION ${quoteIdentifier(name)} IS ${text}`);
    } catch (error) {
      throw explainRebuild(error, `the comment on the extension ${name}`);
    }
  }
}
