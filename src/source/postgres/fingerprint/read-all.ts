import type pg from 'pg';

/** Runs several SELECTs in one round trip and gives the rows of each. */
export async function readAll<Rows extends object[]>(
  client: pg.ClientBase,
  queries: readonly string[],
): Promise<{ [Index in keyof Rows]: Rows[Index][] }> {
  if (queries.length === 0) return [] as { [Index in keyof Rows]: Rows[Index][] };
  const results = await client.query(queries.join(';\n'));
  // pg gives one result, not a list of one, for a single statement.
  const list = (Array.isArray(results) ? results : [results]) as pg.QueryResult[];
  return list.map((result) => result.rows) as { [Index in keyof Rows]: Rows[Index][] };
}
