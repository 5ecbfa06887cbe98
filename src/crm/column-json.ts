import { quoteIdentifier } from '../lib/sql.ts';
import type { CarriedColumn, CarriedTable } from './carried-tables.ts';

/**
 * Values as JSON and back, by the server itself. Nothing may be lost, not even what SQL does not call different:
 * -0, 1.50, trailing blanks, an array's bounds, JSON's null beside SQL's. docs/crm.md has the table.
 *
 * Where a value has no JSON of its own, its text is taken, as PostgreSQL prints it; a JSON string is read by the type's
 * own input function again.
 */

const plainTypes = ['bool', 'int2', 'int4', 'text', 'varchar', 'bpchar', 'uuid', 'enum'];

const safeInteger = String(Number.MAX_SAFE_INTEGER);

/** SQL expression of type jsonb for the value of a column; SQL's NULL is JSON's null. */
function toJson({ name, base }: CarriedColumn): string {
  const value = quoteIdentifier(name);
  // format() knows only the output function; a cast to text would cut blanks off, and IS NULL looks into composites.
  const text = `format('%s', ${value})`;
  const asText = `CASE WHEN num_nonnulls(${value}) = 1 THEN to_jsonb(${text}) END`;
  const nativeIf = (condition: string) => `CASE WHEN ${condition} THEN to_jsonb(${value}) ELSE ${asText} END`;
  if (plainTypes.includes(base)) return `to_jsonb(${value})`;
  if (base.endsWith('[]') && plainTypes.includes(base.slice(0, -2))) return nativeIf(`${text} NOT LIKE '[%'`);
  switch (base) {
    case 'int8':
      return nativeIf(`${value} BETWEEN -${safeInteger} AND ${safeInteger}`);
    case 'numeric':
      // 15 digits survive a program that reads numbers as doubles.
      return nativeIf(`${text} ~ '^-?[0-9.]+$' AND length(ltrim(translate(${text}, '-.', ''), '0')) <= 15`);
    case 'float4':
    case 'float8':
      return nativeIf(`${text} ~ '^-?[0-9]' AND ${text} <> '-0'`);
    case 'timestamp':
    case 'timestamptz':
      return nativeIf(`${text} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+([+]00)?$'`);
    case 'jsonb':
      return `CASE WHEN jsonb_typeof(${value}::jsonb) NOT IN ('null', 'string') THEN ${value}::jsonb ELSE ${asText} END`;
    default:
      return asText;
  }
}

/** The rows of a table as one jsonb array, in the order of the primary key. */
export function rowsAsJson(table: CarriedTable): string {
  const columns = table.columns.map((column) => `${toJson(column)} AS ${quoteIdentifier(column.name)}`);
  const order =
    table.primaryKey.length === 0
      ? ''
      : ` ORDER BY ${table.primaryKey.map((name) => `t.${quoteIdentifier(name)}`).join(', ')}`;
  return `(SELECT coalesce(jsonb_agg(to_jsonb(r)), '[]'::jsonb) FROM (SELECT ${columns.join(', ')} FROM ${table.name} t${order}) r)`;
}

/**
 * A query for the rows in a jsonb array, each column in its own type again.
 *
 * @param columns those that the array has
 * @param arraySql SQL of type jsonb
 */
export function rowsFromJson(columns: readonly CarriedColumn[], arraySql: string): string {
  const definitions = columns.map(({ name, type, base }) => {
    const read = base === 'jsonb' ? 'jsonb' : base === 'json' ? 'text' : type;
    return `${quoteIdentifier(name)} ${read}`;
  });
  const values = columns.map(({ name, type, base }) => {
    const value = `r.${quoteIdentifier(name)}`;
    if (base === 'json') return `${value}::${type} AS ${quoteIdentifier(name)}`;
    if (base !== 'jsonb') return value;
    const unwrapped = `CASE jsonb_typeof(${value}) WHEN 'string' THEN (${value} #>> '{}')::jsonb ELSE ${value} END`;
    return `(${unwrapped})::${type} AS ${quoteIdentifier(name)}`;
  });
  return `SELECT ${values.join(', ')} FROM jsonb_to_recordset(${arraySql}) AS r(${definitions.join(', ')})`;
}
