import type pg from 'pg';
import { ConfigError } from '../lib/errors.ts';
import { qualifiedName } from '../lib/sql.ts';

/** A column whose values are carried: all but the generated ones. */
export interface CarriedColumn {
  name: string;
  /** With its modifier, as SQL wants it. */
  type: string;
  /** Name of the type below domains, such as `int4`; of an enum `enum`, of an array the element's with `[]`. */
  base: string;
  /** GENERATED ALWAYS AS IDENTITY: cannot be updated. */
  isAlwaysIdentity: boolean;
}

/** A table whose rows are in the backup. */
export interface CarriedTable {
  /** In the JSON. */
  member: string;
  /** `schema.name` for people, not for SQL. */
  label: string;
  /** Quoted, with its schema. */
  name: string;
  oid: number;
  columns: CarriedColumn[];
  /** Generated columns may be in JSON that others made; they are computed, not restored. */
  generated: string[];
  /** Empty when there is none. */
  primaryKey: string[];
}

const baseType = `
  WITH RECURSIVE below AS (
    SELECT y.oid AS root, y.oid, y.typtype, y.typbasetype FROM pg_type y
    WHERE y.oid IN (SELECT atttypid FROM pg_attribute WHERE attrelid = $1)
    UNION ALL
    SELECT b.root, y.oid, y.typtype, y.typbasetype FROM below b JOIN pg_type y ON y.oid = b.typbasetype WHERE b.typtype = 'd')
  SELECT b.root, CASE WHEN y.typtype = 'e' THEN 'enum'
    WHEN y.typcategory = 'A' AND y.typelem <> 0
      THEN (SELECT CASE WHEN l.typtype = 'e' THEN 'enum' ELSE l.typname::text END || '[]' FROM pg_type l WHERE l.oid = y.typelem)
    ELSE y.typname::text END AS base
  FROM below b JOIN pg_type y ON y.oid = b.oid WHERE b.typtype <> 'd'`;

const columnsQuery = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, t.base,
         a.attidentity = 'a' AS "isAlwaysIdentity", a.attgenerated <> '' AS is_generated
  FROM pg_attribute a JOIN (${baseType}) t ON t.root = a.atttypid
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`;

const keyQuery = `
  SELECT a.attname AS name FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, place)
  JOIN pg_attribute a ON a.attnum = k.attnum
  WHERE i.indrelid = $1 AND i.indisprimary AND a.attrelid = $1 AND k.place <= i.indnkeyatts ORDER BY k.place`;

/**
 * Looks the configured tables up in the catalog. Their names are only ever compared there, or quoted.
 *
 * @throws ConfigError when one is no table
 */
export async function readCarriedTables(
  client: pg.ClientBase,
  schema: string,
  tables: Readonly<Record<string, string>>,
): Promise<CarriedTable[]> {
  const found: CarriedTable[] = [];
  for (const [member, name] of Object.entries(tables)) {
    const label = `${schema}.${name}`;
    const { rows } = await client.query<{ oid: number }>(
      `SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')`,
      [schema, name],
    );
    const [table] = rows;
    if (!table) {
      throw new ConfigError(`There is no table ${label} to back up.`, {
        hint: 'Name the CRM’s tables with the option `tables` (docs/crm.md).',
      });
    }
    const { rows: columns } = await client.query<CarriedColumn & { is_generated: boolean }>(columnsQuery, [
      table.oid,
    ]);
    const { rows: key } = await client.query<{ name: string }>(keyQuery, [table.oid]);
    found.push({
      member,
      label,
      name: qualifiedName({ schema, name }),
      oid: table.oid,
      columns: columns
        .filter((column) => !column.is_generated)
        .map(({ is_generated: _, ...column }) => column),
      generated: columns.filter((column) => column.is_generated).map((column) => column.name),
      primaryKey: key.map((column) => column.name),
    });
  }
  return found;
}
