import { damaged } from '../archive/reader.ts';
import type { TableEntry } from '../archive/tables.ts';
import { ConfigError } from '../lib/errors.ts';

/** @throws IntegrityError when a row has not one field for each column; a table without columns has empty rows */
export function refuseWrongWidth(fields: number, { schema, name, columns }: TableEntry) {
  if (fields === Math.max(1, columns.length)) return;
  throw damaged(`a row of ${schema}.${name} has ${fields} fields for ${columns.length} columns`);
}

/** What to say of a row too long for a string, some 512 MB; any other error as it is. */
export function tooLong(error: unknown, { schema, name }: TableEntry, hint: string): unknown {
  if (!(error instanceof RangeError)) return error;
  return new ConfigError(`A row of ${schema}.${name} is too long for this format.`, {
    hint: `Nothing was written. ${hint}`,
    publicReason: 'a row is too long for the format of the export',
    cause: error,
  });
}
