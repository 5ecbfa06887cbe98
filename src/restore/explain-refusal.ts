import type pg from 'pg';

/** SQLSTATEs of a name that was not found: function, table, type or another object, column, schema. */
const notFound = new Set(['42883', '42P01', '42704', '42703', '3F000']);

/** What to change in the source when the server refuses content that is there, and PostgreSQL's own tools would fail as well. */
export interface Refusal {
  /** Words for the message, after what the server said. */
  where: string;
  hint: string;
}

/**
 * Limits that pg_dump and pg_restore have too: a restore in any way stops there until the source is mended.
 *
 * @param script what was run, to name the object; left out for rows
 * @returns null for anything else
 */
export function explainRefusal(error: pg.DatabaseError, script?: string): Refusal | null {
  return ofSearchPath(error, script) ?? ofCheck(error);
}

/** Dumps are loaded under an empty search_path, since CVE-2018-1058. */
function ofSearchPath(error: pg.DatabaseError, script: string | undefined): Refusal | null {
  const callers = calledFunctions(error.where ?? '');
  const outermost = callers.at(-1);
  if (!notFound.has(error.code ?? '') || outermost === undefined) return null;
  const object = script === undefined ? null : userOf(outermost, script);
  const inside = `inside function ${callers.join(', called by ')}`;
  return {
    where: ` ${inside}${object ? `, which ${object} uses` : ''}`,
    hint:
      'pg_dump and pg_restore would fail here too: they work with an empty search_path, and the function names something ' +
      `without its schema. In the source, ALTER FUNCTION ${callers[0]} SET search_path = … (or write the schema out), and ` +
      'take another backup.',
  };
}

/** Functions named in an error's context, innermost first. */
function calledFunctions(where: string): string[] {
  const named = /^(?:PL\/\w+ function (.+?)(?: line \d+| while |$)|SQL function "(.+?)" )/gm;
  return [...new Set([...where.matchAll(named)].map(([, procedural, sql]) => procedural ?? sql!))];
}

/** The first object of the script whose definition calls the function. */
function userOf(called: string, script: string): string | null {
  const name = called.replace(/\(.*$/s, '').split('.').at(-1)!;
  const entry = /^-- Name: ([^\n]*?); Type: ([^\n;]*);[^\n]*\n--\n\n([\s\S]*?)(?=^--\n-- |$(?![\s\S]))/gm;
  for (const [, object, type, text] of script.matchAll(entry)) {
    const isItself = /^(FUNCTION|PROCEDURE|COMMENT|ACL)$/.test(type!);
    if (!isItself && new RegExp(`(?<!\\w)"?${RegExp.escape(name)}"?\\(`).test(text!))
      return `${type!.toLowerCase()} ${object}`;
  }
  // A materialized view is filled by another entry than the one that says what it calls.
  return null;
}

function ofCheck(error: pg.DatabaseError): Refusal | null {
  if (error.code !== '23514' || !/violates check constraint/.test(error.message)) return null;
  return {
    where: '',
    hint:
      'pg_dump and pg_restore would fail here too: a row of the source does not satisfy its own check, because the check looks ' +
      `at the time, at other rows or at settings, or the function behind it has changed. In the source, make ${error.constraint ?? 'it'} ` +
      'a trigger or NOT VALID (which is added after the rows), and take another backup.',
  };
}
