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
import { explainRebuild } from './explain-rebuild.ts';
import { TransactionLoader } from './load-in-transaction.ts';

export interface TablesReplaced {
  tables: number;
  rows: number;
}

type ManifestTable = Manifest['tables'][number];

/**
 * The tables a user names, with the partitions below them, as the manifest has them.
 *
 * @throws ConfigError naming one that the backup does not have
 */
export async function chooseTables(
  client: pg.ClientBase,
  manifest: Manifest,
  names: readonly string[],
): Promise<ManifestTable[]> {
  const chosen = new Map<number, ManifestTable>();
  for (const name of names) {
    const [schema = '', ...rest] = name.includes('.') ? name.split('.') : ['public', name];
    const { rows: below } = await client.query<{ schema: string; name: string }>(
      `SELECT n.nspname AS schema, c.relname AS name FROM pg_partition_tree(to_regclass(${quoteLiteral(qualifiedName({ schema, name: rest.join('.') }))})) t
       JOIN pg_class c ON c.oid = t.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.isleaf`,
    );
    const wanted = new Set([
      `${schema}.${rest.join('.')}`,
      ...below.map((leaf) => `${leaf.schema}.${leaf.name}`),
    ]);
    const found = manifest.tables.filter((table) => wanted.has(`${table.schema}.${table.name}`));
    if (found.length === 0) {
      throw new ConfigError(`The backup has no rows of a table ${name}. The target is as it was.`, {
        hint: 'Write it as schema.table; `holdfast export` shows what a backup holds.',
        publicReason: 'the backup has no such table',
      });
    }
    for (const table of found) chosen.set(table.ordinal, table);
  }
  return [...chosen.values()];
}

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
  chosen: readonly ManifestTable[],
  sequences: Manifest['sequences'],
  step: Step,
): Promise<TablesReplaced> {
  const before = await takeFingerprint(client);
  const entries = await targetEntries(client, chosen);
  const list = chosen.map(qualifiedName).join(', ');
  const oids = `ARRAY[${chosen.map((table) => `${quoteLiteral(qualifiedName(table))}::regclass`).join(', ')}]::oid[]`;
  const foreignKeys = await dropForeignKeys(client, oids);
  const triggers = await disableTriggers(client, oids);
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
  for (const statement of triggers) await client.query(statement);
  await setOwnedSequences(client, oids, sequences);
  for (const statement of foreignKeys) await addForeignKey(client, statement);

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

/** Drops the foreign keys from and to these tables; returns the statements that make them again, with their comments. */
async function dropForeignKeys(client: pg.ClientBase, oids: string): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; add: string; comment: string | null }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', c.conrelid::regclass, c.conname) AS drop,
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS add,
            format('COMMENT ON CONSTRAINT %I ON %s IS %L', c.conname, c.conrelid::regclass, obj_description(c.oid, 'pg_constraint')) AS comment
     FROM pg_constraint c WHERE c.contype = 'f' AND c.conparentid = 0
       AND (c.conrelid = ANY (${oids}) OR c.confrelid = ANY (${oids})
         OR EXISTS (SELECT FROM pg_partition_ancestors(c.conrelid) a WHERE a.relid = ANY (${oids}))
         OR EXISTS (SELECT FROM unnest(${oids}) o CROSS JOIN LATERAL pg_partition_ancestors(o) a WHERE a.relid IN (c.conrelid, c.confrelid)))`,
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.flatMap(({ add, comment }) =>
    comment && !comment.endsWith(' IS NULL') ? [add, comment] : [add],
  );
}

async function addForeignKey(client: pg.ClientBase, statement: string) {
  try {
    await client.query(statement);
  } catch (error) {
    throw explainRebuild(error, 'a foreign key to or from the restored tables', statement);
  }
}

/** Disables the users' triggers, which an owner may; returns the statements that give each the state it had. */
async function disableTriggers(client: pg.ClientBase, oids: string): Promise<string[]> {
  const { rows } = await client.query<{ disable: string; restore: string }>(
    `SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) AS disable,
            format('ALTER TABLE %s %s TRIGGER %I', tgrelid::regclass,
                   CASE tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
                   tgname) AS restore
     FROM pg_trigger WHERE tgrelid = ANY (${oids}) AND NOT tgisinternal`,
  );
  for (const { disable } of rows) await client.query(disable);
  return rows.map(({ restore }) => restore);
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
