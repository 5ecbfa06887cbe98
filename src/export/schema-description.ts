import { IntegrityError } from '../lib/errors.ts';
import type { Fingerprint } from '../source/postgres/fingerprint/fingerprint.ts';

interface TableName {
  schema: string;
  name: string;
}

/** What the rows of a backup don't say of themselves: the types of their columns, and which table is part of which. */
export interface SchemaDescription {
  /** Null where it is not told. */
  typeOf(table: TableName, column: string): string | null;
  /** Domain → the type it is made of. */
  domains: ReadonlyMap<string, string>;
  /** Between the elements of an array of that type. */
  delimiterOf(type: string): string;
  /** Tables, partitioned ones among them, by `tableKey`. */
  tables: ReadonlyMap<string, { isPartitioned: boolean; isPartition: boolean }>;
  /** `tableKey` → those of the tables it inherits from or is a partition of. */
  parents: ReadonlyMap<string, readonly string[]>;
}

/** How the fingerprint names a table. */
export function tableKey({ schema, name }: TableName): string {
  return `${quoted(schema)}.${quoted(name)}`;
}

/** `schema.name` without quotes, as configuration and manifest write it. */
export function plainName(key: string): string {
  return partsOf(key).join('.');
}

/** `schema.name` with quotes only around a part that could not be told from the other without. */
export function readableName(key: string): string {
  return partsOf(key)
    .map((part) => (/[."]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part))
    .join('.');
}

function partsOf(key: string): string[] {
  const [, schema = '', name = ''] = qualified.exec(key) ?? [];
  return [schema, name].map(unquoted);
}

/** @throws IntegrityError when the fingerprint is of no version that this Holdfast knows */
export function describeSchema(fingerprint: unknown): SchemaDescription {
  const { version, entries } = (fingerprint ?? {}) as Partial<Fingerprint>;
  if (version !== 1 || !Array.isArray(entries)) {
    throw new IntegrityError(
      'The archive describes its schema in a version that this Holdfast does not know.',
      {
        hint: 'Nothing was written. `--out FOLDER` exports CSV, which needs no types.',
        publicReason: 'the schema of a backup has an unknown version',
      },
    );
  }
  const types = new Map<string, string>();
  const domains = new Map<string, string>();
  const delimiters = new Map([['pg_catalog.box', ';']]);
  const tables = new Map<string, { isPartitioned: boolean; isPartition: boolean }>();
  const parents = new Map<string, string[]>();
  for (const { key, attributes } of entries) {
    const bar = key.indexOf('|');
    const identity = key.slice(bar + 1);
    switch (key.slice(0, bar)) {
      case 'pg_attribute':
        types.set(identity, canonical(attributes['atttypid'] as string));
        break;
      case 'pg_type':
        if (attributes['typtype'] === 'd')
          domains.set(identity, canonical(attributes['typbasetype'] as string));
        delimiters.set(identity, attributes['typdelim'] as string);
        break;
      case 'pg_class':
        // What an extension made is its own, and no table of the backup.
        if (['r', 'p'].includes(attributes['relkind'] as string) && !attributes['extension'])
          tables.set(identity, {
            isPartitioned: attributes['relkind'] === 'p',
            isPartition: attributes['relispartition'] === true,
          });
        break;
      case 'pg_inherits': {
        const child = identity.slice(0, identity.lastIndexOf(', '));
        parents.set(child, [...(parents.get(child) ?? []), attributes['inhparent'] as string]);
      }
    }
  }
  return {
    typeOf: (table, column) => types.get(`${quoted(column)} of ${tableKey(table)}`) ?? null,
    domains,
    delimiterOf: (type) => delimiters.get(type) ?? ',',
    tables,
    parents,
  };
}

const qualified = /^("(?:[^"]|"")*"|[^."]+)\.("(?:[^"]|"")*"|[^."]+)$/;

/** The server quotes names that are keywords and the fingerprint does not: one spelling, to look types up by. */
function canonical(typeName: string): string {
  if (typeName.endsWith('[]')) return `${canonical(typeName.slice(0, -2))}[]`;
  const found = qualified.exec(typeName);
  return found ? tableKey({ schema: unquoted(found[1]!), name: unquoted(found[2]!) }) : typeName;
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
