import { arrayToJson } from './array-literal.ts';
import type { SchemaDescription } from './schema-description.ts';

/** Turns the text of a value, which is not NULL, into JSON text. */
export type ToJson = (text: string) => string;

const asText: ToJson = (text) => JSON.stringify(text);

const byTypeName: Record<string, ToJson> = {
  smallint: (text) => text,
  integer: (text) => text,
  bigint: exactNumber,
  numeric: exactNumber,
  real: floatingNumber,
  'double precision': floatingNumber,
  boolean: (text) => (text === 't' ? 'true' : 'false'),
  json: (text) => text,
  'pg_catalog.json': (text) => text,
  'pg_catalog.jsonb': (text) => text,
  'timestamp with time zone': isoTimestamp,
  'timestamp without time zone': isoTimestamp,
};

/**
 * How values of a type become JSON; docs/export.md has the table. A type that JSON has no equal for, or that is not
 * known, stays PostgreSQL's own text.
 *
 * @param typeName as the schema's fingerprint names it; null when it does not tell
 */
export function jsonConverter(typeName: string | null, schema: SchemaDescription): ToJson {
  if (typeName === null) return asText;
  const base = schema.domains.get(typeName);
  if (base !== undefined) return jsonConverter(base, schema);
  if (!typeName.endsWith('[]')) return byTypeName[typeName] ?? asText;
  const elementName = typeName.slice(0, -2);
  if (schema.delimiterOf(elementName) !== ',') return asText;
  const element = jsonConverter(elementName, schema);
  return (text) => arrayToJson(text, element) ?? asText(text);
}

const decimal = /^-?(\d+)(?:\.(\d+))?$/;

/** A JSON number only where reading it into a double and writing it again gives the same value. */
function exactNumber(text: string): string {
  const found = decimal.exec(text);
  if (!found) return asText(text);
  const [, whole = '', fraction] = found;
  if (fraction === undefined) return Number.isSafeInteger(Number(text)) ? text : asText(text);
  const significant = (whole + fraction.replace(/0+$/, '')).replace(/^0+/, '');
  // 15 digits always survive a double, down to its smallest normal exponent.
  return significant.length <= 15 && text.length <= 300 ? text : asText(text);
}

/** PostgreSQL writes the shortest digits that give the same value again; NaN and infinities stay text. */
function floatingNumber(text: string): string {
  return /^-?\d/.test(text) ? text : asText(text);
}

const ordinaryTimestamp = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(:\d\d)?)?$/;

/** Infinities, years before Christ and years of five digits stay text: ISO 8601 readers don't agree on them. */
function isoTimestamp(text: string): string {
  const found = ordinaryTimestamp.exec(text);
  if (!found) return asText(text);
  const [, date, time, hours, minutes = ':00'] = found;
  return hours === undefined ? `"${date}T${time}"` : `"${date}T${time}${hours}${minutes}"`;
}
