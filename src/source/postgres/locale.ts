import type pg from 'pg';

/** How a database orders text, beyond its LC_COLLATE and LC_CTYPE, and what of its structure depends on that. */
export interface TextOrder {
  locale: {
    provider: 'libc' | 'icu' | 'builtin';
    /** Of ICU or the built-in provider; null with libc. */
    locale: string | null;
    /** ICU rules of its own; null: none. */
    rules: string | null;
    /** Of the library's order, as it was when the database was made; null where that has none. */
    version: string | null;
  };
  /** `schema.table` of partitioned tables whose bounds are compared in the database's own order of text. */
  partitionsByText: string[];
}

// The columns' names and presence differ from major to major, those of JSON's keys need not.
const localeQuery = `
  SELECT CASE j ->> 'datlocprovider' WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END AS provider,
         coalesce(j ->> 'datlocale', j ->> 'daticulocale') AS locale, j ->> 'daticurules' AS rules,
         j ->> 'datcollversion' AS version
  FROM (SELECT to_jsonb(d) AS j FROM pg_database d WHERE datname = current_database()) d`;

// 100 is the OID of the collation "default". Equality of plain text needs no order, so only expressions count for lists.
const partitionsQuery = `
  SELECT n.nspname || '.' || c.relname AS name
  FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE 100 = ANY (p.partcollation) AND (p.partstrat = 'r' OR p.partstrat = 'l' AND p.partexprs IS NOT NULL)
  ORDER BY 1`;

export async function readTextOrder(client: pg.ClientBase): Promise<TextOrder> {
  const locale = await client.query<TextOrder['locale']>(localeQuery);
  const partitions = await client.query<{ name: string }>(partitionsQuery);
  return { locale: locale.rows[0]!, partitionsByText: partitions.rows.map(({ name }) => name) };
}
