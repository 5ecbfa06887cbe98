import type pg from 'pg';
import { qualifiedName, quoteIdentifier } from '../../lib/sql.ts';
import type { CarriedTable } from '../carried-tables.ts';

/** A sequence that was moved, and the number it gives next. */
export interface MovedSequence {
  sequence: string;
  next: number;
}

/** Sequences that a column owns, and those that no column owns but one takes its numbers from by default. */
const sequencesQuery = `
  SELECT DISTINCT n.nspname AS schema, s.relname AS name, a.attname AS column,
    q.seqincrement::text AS increment, q.seqmin::text AS minimum, q.seqmax::text AS maximum
  FROM (
    SELECT objid AS sequence, refobjid AS relation, refobjsubid::int2 AS attnum FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i')
    UNION ALL
    SELECT d.refobjid, f.adrelid, f.adnum FROM pg_attrdef f
    JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass) used
  JOIN pg_class s ON s.oid = used.sequence AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace
  JOIN pg_sequence q ON q.seqrelid = s.oid
  JOIN pg_attribute a ON a.attrelid = used.relation AND a.attnum = used.attnum
  WHERE used.relation = $1 AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)`;

/**
 * Moves the sequences of a table past the numbers that its rows have, so that the CRM's next row gets one of its own.
 * Never backwards: a number that was given away once may live on in a letter or in another table.
 *
 * By ALTER SEQUENCE and not by setval, which a rollback would not undo.
 */
export async function moveSequences(client: pg.ClientBase, table: CarriedTable): Promise<MovedSequence[]> {
  const { rows } = await client.query<
    Record<'schema' | 'name' | 'column' | 'increment' | 'minimum' | 'maximum', string>
  >(sequencesQuery, [table.oid]);
  const moved: MovedSequence[] = [];
  for (const sequence of rows) {
    const name = qualifiedName(sequence);
    const [increment, minimum, maximum] = [sequence.increment, sequence.minimum, sequence.maximum].map(
      BigInt,
    ) as [bigint, bigint, bigint];
    const { rows: states } = await client.query<{ last: string; is_called: boolean; used: string | null }>(
      `SELECT last_value::text AS last, is_called,
         (SELECT ${increment > 0n ? 'max' : 'min'}(${quoteIdentifier(sequence.column)})::text FROM ${table.name}) AS used
       FROM ${name}`,
    );
    const { last, is_called: isCalled, used } = states[0]!;
    if (used === null) continue;
    const nextNow = isCalled ? BigInt(last) + increment : BigInt(last);
    const step = increment > 0n ? 1n : -1n;
    const next = BigInt(used) + step;
    const isBehind = increment > 0n ? nextNow < next : nextNow > next;
    // A row with a number out of the sequence's range was not given it by the sequence.
    if (!isBehind || next < minimum || next > maximum) continue;
    await client.query(`ALTER SEQUENCE ${name} RESTART WITH ${next}`);
    moved.push({ sequence: `${sequence.schema}.${sequence.name}`, next: Number(next) });
  }
  return moved;
}
