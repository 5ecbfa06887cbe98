import type pg from 'pg';
import { qualifiedName } from '../../lib/sql.ts';

export interface SourceSequence {
  schema: string;
  name: string;
  /** 64-bit, so text. */
  lastValue: string;
  isCalled: boolean;
}

/** Every sequence of the users', those that an extension keeps as its configuration too, and whether the role may read it. */
export const sequencesQuery = `
  SELECT n.nspname AS schema, c.relname AS name,
         has_sequence_privilege(c.oid, 'SELECT') AND has_schema_privilege(n.oid, 'USAGE') AS is_readable
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'S' AND c.relpersistence <> 't'
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND (NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
         OR EXISTS (SELECT FROM pg_extension x WHERE c.oid = ANY (x.extconfig)))
  ORDER BY n.nspname, c.relname`;

/**
 * The present values of all sequences. They are not part of any snapshot: read after the rows, they are never behind
 * a value that a row uses.
 */
export async function readSequences(client: pg.ClientBase): Promise<SourceSequence[]> {
  const { rows: sequences } = await client.query<{ schema: string; name: string }>(sequencesQuery);
  const values: SourceSequence[] = [];
  // One statement for many: a round trip each would take minutes across a network.
  for (let start = 0; start < sequences.length; start += 200) {
    const batch = sequences.slice(start, start + 200);
    const selects = batch.map(
      (sequence, i) =>
        `SELECT ${i} AS i, last_value::text AS value, is_called FROM ${qualifiedName(sequence)}`,
    );
    const { rows } = await client.query<{ i: number; value: string; is_called: boolean }>(
      selects.join(' UNION ALL '),
    );
    for (const row of rows) {
      const { schema, name } = batch[row.i]!;
      values.push({ schema, name, lastValue: row.value, isCalled: row.is_called });
    }
  }
  return values;
}
