import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import { nowhere, planReads, readRows } from '../dump/rows.ts';
import { qualifiedName, quoteLiteral } from '../lib/sql.ts';
import { readCatalog, type SourceTable } from '../source/postgres/catalog.ts';
import { type Silenced, silenceTables } from './silence-tables.ts';

/** The users' rows in tables of extensions, which stand already when the rows of the backup come. */
export interface ExtensionRows {
  /** Qualified names of tables whose rows are as in the backup: they are not loaded. */
  present: ReadonlySet<string>;
  /** Call it when all rows are in. */
  finish(): Promise<void>;
}

const configurationTables = `
  SELECT n.nspname AS schema, c.relname AS name FROM pg_extension x CROSS JOIN LATERAL unnest(x.extconfig) u(oid)
  JOIN pg_class c ON c.oid = u.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'`;

/**
 * Makes room for the backup's rows of extensions' configuration tables (`pg_extension_config_dump`): deletes what the
 * extension's condition calls the users', and leaves its own rows. Tables that hold the backup's rows already are not
 * touched: an ordinary role may not write to most of them.
 */
export async function prepareExtensionRows(
  client: pg.ClientBase,
  manifest: Manifest,
): Promise<ExtensionRows> {
  const { rows: found } = await client.query<{ schema: string; name: string }>(configurationTables);
  const names = new Set(found.map(qualifiedName));
  if (names.size === 0) return { present: names, finish: async () => {} };
  const tables = (await readCatalog(client, [])).tables.filter((table) => names.has(qualifiedName(table)));
  const read = await readRows(
    [client],
    planReads(
      tables.map((table, index) => ({
        entry: { ...table, ordinal: index + 1, copy: '' },
        sizeBytes: table.sizeBytes,
      })),
    ),
    () => nowhere,
    () => {},
  );
  const present = new Set<string>();
  for (const { entry, rows, digest } of read) {
    const kept = manifest.tables.find((table) => qualifiedName(table) === qualifiedName(entry));
    if (kept ? kept.rows === rows && kept.digest === digest : rows === 0) present.add(qualifiedName(entry));
  }
  const changed = tables.filter((table) => !present.has(qualifiedName(table)));
  if (changed.length === 0) return { present, finish: async () => {} };
  const silenced = await emptied(client, changed);
  return {
    present,
    async finish() {
      await silenced.enableTriggers();
      await silenced.addForeignKeys();
    },
  };
}

async function emptied(client: pg.ClientBase, tables: readonly SourceTable[]): Promise<Silenced> {
  const oids = tables.map((table) => `${quoteLiteral(qualifiedName(table))}::regclass`).join(', ');
  const silenced = await silenceTables(client, `ARRAY[${oids}]::oid[]`);
  for (const table of tables) {
    const name = qualifiedName(table);
    // The condition may be anything that can follow FROM in a SELECT.
    await client.query(
      `DELETE FROM ONLY ${name} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ONLY ${name} ${table.filter ?? ''}))`,
    );
  }
  return silenced;
}
