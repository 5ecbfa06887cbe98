import { contentRoot, type Manifest } from '../archive/manifest.ts';
import type { TableEntry } from '../archive/tables.ts';
import { planReads, type RowSink, readRows } from '../dump/rows.ts';
import type { Step } from '../lib/progress.ts';
import { qualifiedName } from '../lib/sql.ts';
import { readCatalog, readSequences } from '../source/postgres/catalog.ts';
import { type Connected, type ConnectionTarget, connect, disconnect } from '../source/postgres/connect.ts';
import { type Fingerprint, takeFingerprint } from '../source/postgres/fingerprint/fingerprint.ts';
import { readLargeObjects } from '../source/postgres/large-objects.ts';
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
  schema: SchemaComparison;
  contentRoot: { expected: string; actual: string };
}

/** Rows are read to be digested only. */
const nowhere: RowSink = {
  begin: async () => {},
  rows: async () => {},
  end: async () => {},
  finish: async () => {},
};
const connections = 2;

/**
 * Reads a restored database back, every row of every table, and compares it with the manifest.
 *
 * @param expected what the backup says; its fingerprint is the source's own description
 */
export async function compareContent(
  target: ConnectionTarget,
  expected: { manifest: Manifest; fingerprint: Fingerprint },
  step: Step,
): Promise<Comparison> {
  const { manifest } = expected;
  const open: Connected[] = await Promise.all(Array.from({ length: connections }, () => connect(target)));
  const clients = open.map(({ client }) => client);
  const leader = clients[0]!;
  try {
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
    // Both want a transaction; what they try in it is never committed, because the connection just ends.
    await leader.query('BEGIN');
    const fingerprint = await takeFingerprint(leader);
    const schema = await explainDifferences(leader, compareFingerprints(expected.fingerprint, fingerprint));

    const tables = read.map(({ entry: { schema, name, columns }, rows, digest, rawBytes }, index) => {
      return { ordinal: index + 1, schema, name, columns, rows, digest, rawBytes };
    });
    // A difference with a checked reason is the same definition in other words, so the source's words stand for it.
    const provenFingerprint = schema.verdict === 'different' ? fingerprint.hash : manifest.fingerprint;
    return {
      tables: tables.length,
      rows: tables.reduce((sum, table) => sum + table.rows, 0),
      differentTables: differentTables(manifest.tables, tables),
      differentSequences: differentSequences(manifest.sequences, sequences),
      differentLargeObjects: differentLargeObjects(manifest.largeObjects, largeObjects),
      schema,
      contentRoot: {
        expected: manifest.contentRoot,
        actual: contentRoot({ fingerprint: provenFingerprint, tables, sequences, largeObjects }),
      },
    };
  } finally {
    await Promise.all(clients.map(disconnect));
  }
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
