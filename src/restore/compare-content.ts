import type pg from 'pg';
import { contentRoot, type Manifest } from '../archive/manifest.ts';
import type { TableEntry } from '../archive/tables.ts';
import { type PlannedGenerated, readGenerated } from '../dump/generated.ts';
import { nowhere, planReads, readRows } from '../dump/rows.ts';
import type { Step } from '../lib/progress.ts';
import { qualifiedName } from '../lib/sql.ts';
import { readCatalog, type SourceTable } from '../source/postgres/catalog.ts';
import { type Connected, type ConnectionTarget, connect, disconnect } from '../source/postgres/connect.ts';
import { explaining } from '../source/postgres/explain-server.ts';
import { type Fingerprint, takeFingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { readLargeObjects } from '../source/postgres/large-objects.ts';
import { readSequences } from '../source/postgres/sequences.ts';
import {
  compareFingerprints,
  comparisonOf,
  explainDifferences,
  type SchemaComparison,
} from './compare-schema.ts';
import {
  compareTables,
  type ManifestTable,
  type ReadTable,
  type TablesComparison,
} from './compare-tables.ts';
import { explainNotCarried } from './not-carried-differences.ts';
import { silenceEventTriggers } from './silence-event-triggers.ts';

/** What came back, beside what was backed up. */
export interface Comparison extends Omit<TablesComparison, 'proved'> {
  tables: number;
  rows: number;
  differentSequences: string[];
  /** OIDs of large objects whose bytes differ, or that are missing or extra. */
  differentLargeObjects: number[];
  /** `applied`: it was run without an error, but a server of another major, or tables inferred from JSON, can't be compared. */
  schema: SchemaComparison | { verdict: 'applied'; differences: [] };
  contentRoot: { expected: string; actual: string };
  /** The actual root, had the schema been the source's to the letter. */
  contentRootWithSourceSchema: string;
}

const connections = 2;

/** Compares a restored database over connections of its own. */
export async function compareDatabase(
  target: ConnectionTarget,
  expected: { manifest: Manifest; fingerprint: Fingerprint | null },
  step: Step,
): Promise<Comparison> {
  const open: Connected[] = await Promise.all(Array.from({ length: connections }, () => connect(target)));
  const clients = open.map(({ client }) => client);
  try {
    await silenceEventTriggers(open[0]!);
    // What explaining a difference tries out is never committed, because the connection just ends.
    await clients[0]!.query('BEGIN READ WRITE');
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
 *        another major, whose catalog describes the same schema in other words, or when no server described it
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
  const found = plannedReads(catalog.tables, manifest.tables);
  const totalBytes = manifest.tables.reduce((sum, table) => sum + table.rawBytes, 0);
  const read = await readRows(
    clients,
    planReads(found),
    () => nowhere,
    ({ rows, rawBytes }) => step.update({ rows, bytes: rawBytes, totalBytes }),
  );
  const generated = await readGenerated(clients, found);
  const sequences = (await readSequences(leader)).filter(isOf(manifest.sequences));
  const largeObjects = await readLargeObjects(leader, null);
  const { schema, fingerprintHash } = await compareSchemas(leader, expected);

  const tables = read.map(({ entry, rows, digest, rawBytes }): ReadTable => {
    const { ordinal, schema, name, columns } = entry;
    const ofGenerated = generated.get(ordinal);
    const { loadThrough } = catalog.tables[ordinal - 1]!;
    return {
      ...{ ordinal, schema, name, columns, rows, digest, rawBytes, loadThrough },
      ...(ofGenerated ? { generated: ofGenerated } : {}),
    };
  });
  const { proved, ...compared } = compareTables(manifest.tables, tables);
  return {
    ...compared,
    tables: tables.length,
    rows: tables.reduce((sum, table) => sum + table.rows, 0),
    differentSequences: differentSequences(manifest.sequences, sequences),
    differentLargeObjects: differentLargeObjects(manifest.largeObjects, largeObjects),
    schema,
    contentRoot: {
      expected: manifest.contentRoot,
      actual: contentRoot({ fingerprint: fingerprintHash, tables: proved, sequences, largeObjects }),
    },
    contentRootWithSourceSchema: contentRoot({
      fingerprint: manifest.fingerprint,
      tables: proved,
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
  const { differences } = compareFingerprints(fingerprint, restored);
  const announced = comparisonOf(explainNotCarried(differences, manifest.notCarried));
  const schema = await explainDifferences(client, announced);
  // A difference with a checked reason is the same definition in other words, so the source's words stand for it.
  return { schema, fingerprintHash: schema.verdict === 'different' ? restored.hash : manifest.fingerprint };
}

/**
 * The tables found, each to be read as it was when it was backed up: a dump may write the columns of an inheritance child
 * in another order, and an archive from before generated columns were digested has nothing to compare them with.
 */
function plannedReads(found: readonly SourceTable[], manifest: readonly ManifestTable[]): PlannedGenerated[] {
  const before = new Map(manifest.map((table) => [qualifiedName(table), table]));
  return found.map((table, index) => {
    const { schema, name, filter, sizeBytes } = table;
    const original = before.get(qualifiedName(table));
    const columns = inOrderOf(table.columns, original?.columns ?? []);
    const entry: TableEntry = {
      ...{ ordinal: index + 1, schema, name, columns, filter },
      ...{ copy: '', estimatedRows: 0 },
    };
    const generated = original?.generated;
    return { entry, sizeBytes, generated: generated ? inOrderOf(table.generated, generated.columns) : [] };
  });
}

/** The same names in the order of the second list, if that has the same; else as they are. */
function inOrderOf(names: string[], order: string[]): string[] {
  const isSame = JSON.stringify(names.toSorted()) === JSON.stringify(order.toSorted());
  return isSame ? order : names;
}

type Sequences = Manifest['sequences'];

/**
 * Whether the backup has a sequence at all: those of an extension's configuration were not carried at first. Any other that
 * is too many is a difference of the schema.
 */
function isOf(sequences: Sequences): (sequence: Sequences[number]) => boolean {
  const names = new Set(sequences.map(qualifiedName));
  return (sequence) => names.has(qualifiedName(sequence));
}

function differentSequences(expected: Sequences, actual: Sequences): string[] {
  const line = (sequence: Sequences[number]) =>
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
