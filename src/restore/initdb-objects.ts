import type pg from 'pg';
import { quoteLiteral } from '../lib/sql.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';

/**
 * Takes out of a new database what initdb puts into each and the source has no more, because no dump says `DROP`: the schema
 * `public`, and plpgsql or its comment. What something else here depends on stays, and is then a difference of the schema.
 */
export async function dropWhatSourceDropped(client: pg.ClientBase, source: Fingerprint): Promise<void> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT pg_catalog.obj_description(oid, 'pg_extension') AS comment FROM pg_catalog.pg_extension WHERE extname = 'plpgsql'`,
  );
  for (const statement of statements(source, rows[0]?.comment ?? null)) {
    try {
      await client.query(statement);
    } catch (error) {
      // 2BP01: something depends on it; 42501: it is not ours to change.
      if (!['2BP01', '42501'].includes((error as { code?: string }).code ?? '')) throw error;
    }
  }
}

function statements(source: Fingerprint, commentHere: string | null): string[] {
  const entries = new Map(source.entries.map(({ key, attributes }) => [key, attributes]));
  const comment = entries.get('pg_description|pg_extension plpgsql')?.['description'] ?? null;
  const found: string[] = [];
  if (!entries.has('pg_namespace|public')) found.push('DROP SCHEMA IF EXISTS public');
  if (!entries.has('pg_extension|plpgsql')) found.push('DROP EXTENSION IF EXISTS plpgsql');
  else if (comment !== commentHere)
    found.push(
      `COMMENT ON EXTENSION plpgsql IS ${typeof comment === 'string' ? quoteLiteral(comment) : 'NULL'}`,
    );
  return found;
}
