import { createHash } from 'node:crypto';
import type { CatalogColumn } from './catalogs.ts';
import type { Dependencies } from './dependencies.ts';
import type { Identities } from './identities.ts';
import { defaultsOf } from './layout.ts';
import {
  attributesOfEnvironment,
  attributesWithCondition,
  rankedAttributes,
  secretAttributes,
  unorderedAttributes,
} from './normalise.ts';
import { privilegeChanges, unquote } from './privileges.ts';
import type { CatalogRow, CatalogRows } from './rows.ts';

/** What it takes to tell a row without its OIDs. */
export interface Surroundings {
  rows: CatalogRows;
  identities: Identities;
  dependencies: Dependencies;
}

/** The canonical attributes of one row; `environment` apart, because it is not compared by the hash. */
export interface RowAttributes {
  own: Record<string, unknown>;
  environment: Record<string, unknown>;
}

/**
 * Everything a row says that its identity does not. NULL, false and the empty `"char"` are left out: the columns of a
 * catalog are the same on both servers, so what is absent is known.
 */
export function attributesOf(row: CatalogRow, surroundings: Surroundings): RowAttributes {
  const own: Record<string, unknown> = {};
  const environment: Record<string, unknown> = {};
  const extension = surroundings.dependencies.extensionOf(row);
  if (extension !== null) own['extension'] = extension;
  for (const column of row.layout.attributes) {
    if (attributesWithCondition[column.fullName]?.(row.values) === false) continue;
    // Whoever runs CREATE EXTENSION owns what it makes, and no dump can say otherwise.
    if (extension !== null && column.refersTo === 'pg_authid') continue;
    const value = canonical(row, column, surroundings);
    if (value === undefined) continue;
    if (attributesOfEnvironment.has(column.fullName)) environment[column.name] = value;
    else own[column.name] = value;
  }
  return { own: sorted(own), environment: sorted(environment) };
}

function canonical(row: CatalogRow, column: CatalogColumn, surroundings: Surroundings): unknown {
  const { identities, dependencies } = surroundings;
  const name = column.fullName;
  const value = row.values[column.name];
  if (column.type === '_aclitem') {
    const changes = privilegeChanges(
      value as string[] | null,
      row.values[defaultsOf(column.name)] as string[] | null,
      dependencies.initialPrivileges(row),
      ownerOf(row, surroundings),
    );
    return changes.length > 0 ? changes : undefined;
  }
  if (name in rankedAttributes) return row.rank ?? undefined;
  if (value === null || value === false || value === undefined) return undefined;
  if (column.type === 'char' && value === '') return undefined;
  if (secretAttributes.has(name)) {
    const text = JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
    return `sha256:${createHash('sha256').update(text).digest('hex')}`;
  }
  let result: unknown = value;
  if (column.refersTo) {
    const reference = (oid: string) => identities.ofReference(column.refersTo!, oid);
    result = Array.isArray(value) ? value.map((oid) => reference(oid) ?? '-') : reference(value as string);
  } else if (column.numbersColumnsOf) {
    const relation = row.values[column.numbersColumnsOf] as string;
    const columnName = (number: number) => identities.ofColumn(relation, number);
    result = Array.isArray(value)
      ? value.map((number) => columnName(number) ?? '-')
      : columnName(value as number);
  }
  if (Array.isArray(result) && unorderedAttributes.has(name)) result = [...result].sort();
  return result ?? undefined;
}

function ownerOf(row: CatalogRow, surroundings: Surroundings): string | null {
  const { rows, identities } = surroundings;
  if (row.catalog.name === 'pg_attribute') {
    const relation = rows.byOid.get(`pg_class:${row.values['attrelid']}`);
    return relation ? ownerOf(relation, surroundings) : null;
  }
  const column = row.layout.columns.find((candidate) => candidate.refersTo === 'pg_authid');
  const identity = column ? identities.ofReference('pg_authid', row.values[column.name] as string) : null;
  return identity === null ? null : unquote(identity);
}

/** Same attributes, same text. */
function sorted(attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).sort(([one], [other]) => (one < other ? -1 : 1)));
}
