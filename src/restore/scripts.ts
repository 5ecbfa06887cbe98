import type pg from 'pg';
import type { SqlSection } from '../archive/read-dump.ts';
import { explainRebuild } from './explain-rebuild.ts';

const titles: Record<SqlSection, string> = {
  roles: 'the roles',
  'pre-data': 'the schema',
  sequences: 'the sequences',
  'large-objects': 'the large objects',
  'post-data': 'indexes and constraints',
  database: 'the properties of the database',
};

/**
 * Runs a section of a dump as one simple query: outside of a transaction it is one of its own. The server splits it, by its
 * own rules.
 *
 * @throws as `explainRebuild` says
 */
export async function runSection(client: pg.ClientBase, section: SqlSection, text: string): Promise<void> {
  const script = withoutPsqlCommands(text);
  if (script.trim() === '') return;
  try {
    await client.query(script);
  } catch (error) {
    throw explainRebuild(error, titles[section], script);
  }
}

/**
 * pg_dump frames its scripts in `\restrict KEY` and `\unrestrict KEY`, for psql. Only these two places are searched:
 * in between, such a line is part of a function or a comment.
 */
function withoutPsqlCommands(text: string): string {
  const key = /^\\restrict (\w+)$/m.exec(text.slice(0, 2048))?.[1];
  if (!key) return text;
  const last = `\\unrestrict ${key}\n`;
  const end = text.lastIndexOf(last);
  const body = end < 0 ? text : text.slice(0, end) + text.slice(end + last.length);
  return body.replace(`\\restrict ${key}\n`, '');
}
