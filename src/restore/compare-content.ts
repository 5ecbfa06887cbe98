import type pg from 'pg';
import { contentRoot, type Manifest } from '../archive/manifest.ts';
import type { TableEntry } from '../archive/tables.ts';
import { nowhere, planReads, readRows } from '../dump/rows.ts';
import type { Step } from '../lib/progress.ts';
import { qualifiedName } from '../lib/sql.ts';
import { readCatalog } from '../source/postgres/catalog.ts';
import { type Connected, type ConnectionTarget, connect, disconnect } from '../source/postgres/connect.ts';
import { explaining } from '../source/postgres/explain-server.ts';
import { type Fingerprint, takeFingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { readLargeObjects } from '../source/postgres/large-objects.ts';
import { readSequences } from '../source/postgres/sequences.ts';
import { compareFingerprints, explainDifferences, type SchemaComparison } from './compare-schema.ts';

/** What came back, beside what was backed up. */
export interface Comparison {
  tables: number;
  rows: number;
  /** Tables whose rows are not those of the snapshot, with what was found. */
  differentTables: { name: string; expectedRows: number; actualRows: number | null }[];
  differentSequences: string[];
  /** OIDs of large objects whose bytes differ, or that are missing or extra. */
  differentLargeObjects: number[];
  /** `applied`: it was run without an error, but a server of another major can't be compared. */
  schema: SchemaComparison | { verdict: 'applied'; differences: [] };
  contentRoot: { expected: string; actual: string };
  /** The actual root, had the schema been the source's to the letter. */
  contentRootWithSourceSchema: string;
}

const connections = 2;

/** Compares a restored database over connections of its own. */
export async function compareDatabase(
  target: ConnectionTarget,
  expected: { manifest: Manifest; fingerprint: Fingerprint },
  step: Step,
): Promise<Comparison> {
  const open: Connected[] = await Promise.all(Array.from({ length: connections }, () => connect(target)));
  const clients = open.map(({ client }) => client);
  try {
    // What explaining a difference tries out is never committed, because the connection just ends.
    await clients[0]!.query('BEGIN');
    return await explaining('the restored database was compared', () =>
      compareContent(clients, expected, step),
    );
  } finally {
    await Promise.all(clients.map(disconnect));
  }
}

/**
 * Reads a restored database back, every row of every table, and compares it with the manifest.
 *
 * @param clients the first one in an open transaction, which may be the one that restored
 * @param expected what the backup says; its fingerprint is the source's own description, or null when the target is of
 *        another major, whose catalog describes the same schema in other words
 */
export async function compareContent(
  clients: readonly pg.ClientBase[],
  expected: { manifest: Manifest; fingerprint: Fingerprint | null },
  step: Step,
): Promise<Comparison> {
  const { manifest } = expected;
  const leader = clients[0]!;
  const excluded = manifest.notCarried
    .filter((each) => each.kind === 'excluded-rows')
    .map((each) => each.name);
  const catalog = await readCatalog(leader, excluded);
  const found = catalog.tables.map((table, index): { entry: TableEntry; sizeBytes: number } => {
    return {
      entry: { ...table, ordinal: index + 1, copy: '', estimatedRows: 0 },
      sizeBytes: table.sizeBytes,
    };
  });
  const totalBytes = manifest.tables.reduce((sum, table) => sum + table.rawBytes, 0);
  const read = await readRows(
    clients,
    planReads(found),
    () => nowhere,
    ({ rows, rawBytes }) => step.update({ rows, bytes: rawBytes, totalBytes }),
  );
  const sequences = await readSequences(leader);
  const largeObjects = await readLargeObjects(leader, null);
  const { schema, fingerprintHash } = await compareSchemas(leader, expected);

  const tables = read.map(({ entry: { schema, name, columns }, rows, digest, rawBytes }, index) => {
    return { ordinal: index + 1, schema, name, columns, rows, digest, rawBytes };
  });
  return {
    tables: tables.length,
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    differentTables: differentTables(manifest.tables, tables),
    differentSequences: differentSequences(manifest.sequences, sequences),
    differentLargeObjects: differentLargeObjects(manifest.largeObjects, largeObjects),
    schema,
    contentRoot: {
      expected: manifest.contentRoot,
      actual: contentRoot({ fingerprint: fingerprintHash, tables, sequences, largeObjects }),
    },
    contentRootWithSourceSchema: contentRoot({
      fingerprint: manifest.fingerprint,
      tables,
      sequences,
      largeObjects,
    }),
  };
}

/** The verdict on the schema, and the fingerprint that it proves. */
async function compareSchemas(
  client: pg.ClientBase,
  { manifest, fingerprint }: { manifest: Manifest; fingerprint: Fingerprint | null },
): Promise<{ schema: Comparison['schema']; fingerprintHash: string }> {
  if (fingerprint === null)
    return { schema: { verdict: 'applied', differences: [] }, fingerprintHash: manifest.fingerprint };
  const restored = await takeFingerprint(client);
  const schema = await explainDifferences(client, compareFingerprints(fingerprint, restored));
  // A difference with a checked reason is the same definition in other words, so the source's words stand for it.
  return { schema, fingerprintHash: schema.verdict === 'different' ? restored.hash : manifest.fingerprint };
}

type Tables = Manifest['tables'];

function differentTables(expected: Tables, actual: Tables): Comparison['differentTables'] {
  const remaining = new Map(actual.map((table) => [qualifiedName(table), table]));
  const differences: Comparison['differentTables'] = [];
  for (const table of expected) {
    const found = remaining.get(qualifiedName(table));
    remaining.delete(qualifiedName(table));
    if (found?.digest === table.digest && found.rows === table.rows) continue;
    differences.push({
      name: `${table.schema}.${table.name}`,
      expectedRows: table.rows,
      actualRows: found?.rows ?? null,
    });
  }
  for (const extra of remaining.values())
    differences.push({ name: `${extra.schema}.${extra.name}`, expectedRows: 0, actualRows: extra.rows });
  return differences;
}

function differentSequences(expected: Manifest['sequences'], actual: Manifest['sequences']): string[] {
  const line = (sequence: Manifest['sequences'][number]) =>
    JSON.stringify([qualifiedName(sequence), sequence.lastValue, sequence.isCalled]);
  const found = new Set(actual.map(line));
  return expected
    .filter((sequence) => !found.has(line(sequence)))
    .map((sequence) => `${sequence.schema}.${sequence.name}`);
}

function differentLargeObjects(
  expected: Manifest['largeObjects'],
  actual: Manifest['largeObjects'],
): number[] {
  const line = ({ oid, sizeBytes, digest }: Manifest['largeObjects'][number]) =>
    `${oid} ${sizeBytes} ${digest}`;
  const [before, after] = [new Set(expected.map(line)), new Set(actual.map(line))];
  const different = [
    ...expected.filter((each) => !after.has(line(each))),
    ...actual.filter((each) => !before.has(line(each))),
  ];
  return [...new Set(different.map(({ oid }) => oid))];
}
