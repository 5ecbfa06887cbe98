import type { TableEntry } from '../archive/tables.ts';
import { decodeRows } from './copy-text.ts';
import { jsonConverter, type ToJson } from './json-values.ts';
import { refuseWrongWidth, tooLong } from './row-problems.ts';
import type { SchemaDescription } from './schema-description.ts';

/** Turns rows of one table into JSON objects. */
export class JsonRows {
  readonly #table: TableEntry;
  /** `"name":` of each column, after a comma where one is due; latin1. */
  readonly #keys: string[];
  readonly #converters: ToJson[];

  constructor(table: TableEntry, schema: SchemaDescription) {
    this.#table = table;
    this.#keys = table.columns.map((column, place) => {
      const key = Buffer.from(JSON.stringify(column)).toString('latin1');
      return `${place === 0 ? '' : ','}${key}:`;
    });
    this.#converters = table.columns.map((column) => jsonConverter(schema.typeOf(table, column), schema));
  }

  /**
   * An object for each of these whole rows, as latin1 text without line feeds between.
   *
   * @throws ConfigError when a row is too long for a string
   */
  *objects(rows: Buffer): Generator<string> {
    try {
      for (const fields of decodeRows(rows)) {
        refuseWrongWidth(fields.length, this.#table);
        yield this.#object(fields);
      }
    } catch (error) {
      throw tooLong(error, this.#table, 'Export it with --out FOLDER --format copy.');
    }
  }

  #object(fields: readonly (string | null)[]): string {
    let json = '{';
    for (let place = 0; place < this.#keys.length; place++) {
      const field = fields[place]!;
      json += this.#keys[place]! + (field === null ? 'null' : this.#converters[place]!(field));
    }
    return `${json}}`;
  }
}
