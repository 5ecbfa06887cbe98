import { digestOf } from '../../lib/digest.ts';
import { qualifiedName, quoteIdentifier } from '../../lib/sql.ts';
import type { CrmDocument, JsonRow } from '../../source/crm-api/document.ts';
import { type InferredColumn, inferColumns } from '../../source/crm-api/infer-columns.ts';
import type { Fingerprint } from '../../source/postgres/fingerprint/fingerprint.ts';

/** The schema of tables that no catalog describes: as SQL, and in the form of a fingerprint for what reads archives. */

/** A member of a CRM's JSON as a table. */
export interface InferredTable {
  schema: 'public';
  name: string;
  columns: InferredColumn[];
  rows: readonly JsonRow[];
}

/** Any server from this one on understands the SQL, and writes such rows in the same way. */
export const inferredMajor = 15;

/** @throws IntegrityError when a member can be no column */
export function inferTables(document: CrmDocument): InferredTable[] {
  return [...document.tables].map(([name, rows]) => ({
    ...{ schema: 'public', name, rows },
    columns: inferColumns(name, rows),
  }));
}

export function preDataScript(tables: readonly InferredTable[]): string {
  const head = `-- Tables for the rows of a CRM's backup. Columns and types are inferred from its JSON: there are no keys,
-- constraints or sequences in it. source/document.json.zst is the JSON itself.
SET client_encoding = 'UTF8';

`;
  const statements = tables.map((table) => {
    const columns = table.columns.map(({ name, type }) => `\n    ${quoteIdentifier(name)} ${type}`);
    return `CREATE TABLE ${qualifiedName(table)} (${columns.join(',')}${columns.length > 0 ? '\n' : ''});\n`;
  });
  return head + statements.join('\n');
}

/**
 * Tells of tables, columns and types, and of nothing that only a server knows. It is not comparable with what a server
 * says of the same tables, and nobody compares it: a restore of such a backup proves the rows.
 */
export function inferredFingerprint(tables: readonly InferredTable[]): Fingerprint {
  const entries = tables
    .flatMap((table) => {
      const identity = `public.${quoted(table.name)}`;
      return [
        { key: `pg_class|${identity}`, attributes: { relkind: 'r' } },
        ...table.columns.map(({ name, type }, index) => ({
          key: `pg_attribute|${quoted(name)} of ${identity}`,
          attributes: { attnum: index + 1, atttypid: type },
        })),
      ];
    })
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  const lines = entries.map(({ key, attributes }) => `${JSON.stringify([key, attributes])}\n`);
  return {
    version: 1,
    serverMajor: inferredMajor,
    hash: digestOf(Buffer.from(lines.join(''))),
    entries,
    census: {
      pg_class: tables.length,
      pg_attribute: tables.reduce((sum, { columns }) => sum + columns.length, 0),
    },
    unreadable: [],
  };
}

/** As the fingerprint of a server writes names. */
function quoted(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}
