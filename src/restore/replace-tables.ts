import type pg from 'pg';
import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart } from '../archive/read-dump.ts';
import type { TableEntry } from '../archive/tables.ts';
import { nowhere, planReads, readRows } from '../dump/rows.ts';
import { ConfigError, IntegrityError } from '../lib/errors.ts';
import type { Step } from '../lib/progress.ts';
import { qualifiedName, quoteLiteral } from '../lib/sql.ts';
import { readCatalog } from '../source/postgres/catalog.ts';
import { takeFingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import type { ChosenTables } from './choose-tables.ts';
import { TransactionLoader } from './load-in-transaction.ts';
import { silenceTables } from './silence-tables.ts';

export interface TablesReplaced {
  tables: number;
  rows: number;
}

type ManifestTable = Manifest['tables'][number];

/**
 * Replaces the rows of the chosen tables, in the caller's transaction: everything else of the database stays, and its schema
 * is compared with what it was before.
 *
 * @throws ConfigError when a table has other columns now; IntegrityError when rows would break a foreign key, or did not
 *         come back as they were
 */
export async function replaceTables(
  client: pg.ClientBase,
  parts: AsyncIterable<DumpPart>,
  { restored: chosen, emptied }: ChosenTables,
  sequences: Manifest['sequences'],
  step: Step,
): Promise<TablesReplaced> {
  const before = await takeFingerprint(client);
  const entries = await targetEntries(client, chosen);
  const names = [...chosen, ...emptied].map(qualifiedName);
  const list = names.join(', ');
  const oids = `ARRAY[${names.map((name) => `${quoteLiteral(name)}::regclass`).join(', ')}]::oid[]`;
  const silenced = await silenceTables(client, oids);
  await client.query(`TRUNCATE ONLY ${list}`);

  const loader = new TransactionLoader(client);
  const wanted = new Set(chosen.map(({ ordinal }) => ordinal));
  const totalBytes = chosen.reduce((sum, table) => sum + table.rawBytes, 0);
  let [rows, bytes] = [0, 0];
  for await (const part of parts) {
    if (part.kind !== 'rows' || !wanted.has(part.table.ordinal)) continue;
    [rows, bytes] = [rows + part.newRows, bytes + part.bytes.length];
    step.update({ rows, bytes, totalBytes });
    await loader.rows(part.table, part.bytes);
  }
  await silenced.enableTriggers();
  await setOwnedSequences(client, oids, sequences);
  await silenced.addForeignKeys();

  await refuseOtherRows(client, entries, chosen, step);
  const after = await takeFingerprint(client);
  if (after.hash !== before.hash) {
    throw new IntegrityError('Replacing the tables would have changed the schema. The target is as it was.', {
      hint: 'This should not happen; please report it. --mode replace restores everything instead.',
      publicReason: 'the restored database differs from the snapshot',
    });
  }
  return { tables: chosen.length, rows };
}

/** The chosen tables as the target has them. */
async function targetEntries(
  client: pg.ClientBase,
  chosen: readonly ManifestTable[],
): Promise<{ entry: TableEntry; sizeBytes: number }[]> {
  const { tables } = await readCatalog(client, []);
  return chosen.map((table) => {
    const found = tables.find(({ schema, name }) => schema === table.schema && name === table.name);
    if (!found || JSON.stringify(found.columns) !== JSON.stringify(table.columns)) {
      throw new ConfigError(
        `The table ${table.schema}.${table.name} ${found ? 'has other columns than' : 'is not in the target, but in'} the backup. The target is as it was.`,
        {
          hint: 'Restore into a new database (--mode new) and copy what you need, or use --mode replace.',
          publicReason: 'a table to restore differs in the target',
        },
      );
    }
    return {
      entry: { ...found, ordinal: table.ordinal, copy: '', estimatedRows: 0 },
      sizeBytes: found.sizeBytes,
    };
  });
}

/** Sequences that feed the chosen tables are never moved back behind what other rows may have taken from them. */
async function setOwnedSequences(client: pg.ClientBase, oids: string, sequences: Manifest['sequences']) {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT DISTINCT n.nspname AS schema, s.relname AS name FROM pg_depend d
     JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_namespace n ON n.oid = s.relnamespace
     WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = ANY (${oids}) AND d.deptype IN ('a', 'i')`,
  );
  for (const { schema, name } of rows) {
    const kept = sequences.find((sequence) => sequence.schema === schema && sequence.name === name);
    if (!kept) continue;
    const { rows: now } = await client.query<{ value: string; called: boolean }>(
      `SELECT last_value::text AS value, is_called AS called FROM ${qualifiedName(kept)}`,
    );
    const isBehind = BigInt(now[0]!.value) < BigInt(kept.lastValue) || !now[0]!.called;
    if (isBehind)
      await client.query(
        `SELECT setval(${quoteLiteral(qualifiedName(kept))}, ${kept.lastValue}, ${kept.isCalled})`,
      );
  }
}

async function refuseOtherRows(
  client: pg.ClientBase,
  entries: { entry: TableEntry; sizeBytes: number }[],
  chosen: readonly ManifestTable[],
  step: Step,
) {
  const read = await readRows(
    [client],
    planReads(entries),
    () => nowhere,
    ({ rows, rawBytes }) => step.update({ rows, bytes: rawBytes, totalBytes: null }),
  );
  for (const table of chosen) {
    const found = read.find(({ entry }) => entry.ordinal === table.ordinal);
    if (found?.digest === table.digest && found.rows === table.rows) continue;
    throw new IntegrityError(
      `The rows of ${table.schema}.${table.name} did not come back as they were backed up. The target is as it was.`,
      {
        hint: 'Verify the backup with `holdfast verify`; if it is sound, please report this.',
        publicReason: 'the restored database differs from the snapshot',
      },
    );
  }
}
