import type pg from 'pg';

// One query for all tables: asked for table by table, a planner without statistics of pg_depend reads all of it each time.
const query = `
  SELECT g.attrelid::text AS oid, array_agg(DISTINCT u.attname::text ORDER BY u.attname::text) AS columns
  FROM pg_attribute g
  JOIN pg_attrdef x ON x.adrelid = g.attrelid AND x.adnum = g.attnum
  JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = x.oid
                   AND d.refclassid = 'pg_class'::regclass AND d.refobjid = g.attrelid
  JOIN pg_attribute u ON u.attrelid = g.attrelid AND u.attnum > 0 AND u.attnum IN (g.attnum, d.refobjsubid)
  WHERE g.attgenerated = 's' AND NOT g.attisdropped
  GROUP BY g.attrelid`;

/** Stored generated columns with the columns they are computed from, by OID of their table. */
export async function readGeneratedColumns(client: pg.ClientBase): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ oid: string; columns: string[] }>(query);
  return new Map(rows.map(({ oid, columns }) => [oid, columns]));
}
