import { join } from 'node:path';
import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart } from '../archive/read-dump.ts';
import { damaged } from '../archive/reader.ts';
import type { TableEntry } from '../archive/tables.ts';
import { decodeRows, WholeRows } from './copy-text.ts';
import { csvRow } from './csv.ts';
import { type FolderIndex, fileNames, indexName } from './folder-index.ts';
import { OutputFile } from './output-file.ts';
import { refuseWrongWidth, tooLong } from './row-problems.ts';

/** CSV with a header line, or COPY text as it is in the archive. */
export type FolderFormat = 'csv' | 'copy';

interface OpenTable {
  file: OutputFile;
  rows: WholeRows;
}

/**
 * Writes a file for each table of a dump into an empty folder, and an index of them. The files may only be used when
 * this returns: the dump is proved by its end.
 */
export async function exportFolder(
  parts: AsyncIterable<DumpPart>,
  folder: string,
  format: FolderFormat,
): Promise<{ index: FolderIndex; largeObjects: number }> {
  let names = new Map<number, string>();
  const rowCounts = new Map<number, number>();
  const open = new Map<number, OpenTable>();
  let manifest: Manifest | null = null;
  try {
    for await (const part of parts) {
      if (part.kind === 'tables') names = fileNames(part.tables.tables, format);
      else if (part.kind === 'begin') {
        const file = await OutputFile.open(join(folder, names.get(part.table.ordinal)!));
        open.set(part.table.ordinal, { file, rows: new WholeRows() });
        rowCounts.set(part.table.ordinal, 0);
        if (format === 'csv') await file.add(headerOf(part.table));
      } else if (part.kind === 'rows') {
        const { ordinal } = part.table;
        const { file, rows } = open.get(ordinal)!;
        if (format === 'copy') await file.addBytes(part.bytes);
        else await addCsv(file, rows.take(part.bytes), part.table);
        rowCounts.set(ordinal, rowCounts.get(ordinal)! + part.newRows);
      } else if (part.kind === 'end') {
        const { file, rows } = open.get(part.table.ordinal)!;
        if (rows.isInsideRow) throw damaged('a table ends inside a row');
        await file.finish();
        open.delete(part.table.ordinal);
      } else if (part.kind === 'manifest') manifest = part.manifest;
    }
  } finally {
    for (const { file } of open.values()) await file.abandon();
  }
  const index = indexOf(manifest!, format, names, rowCounts);
  const file = await OutputFile.open(join(folder, indexName));
  await file.addBytes(Buffer.from(`${JSON.stringify(index, null, 2)}\n`));
  await file.finish();
  return { index, largeObjects: manifest!.largeObjects.length };
}

async function addCsv(file: OutputFile, rows: Buffer | null, table: TableEntry) {
  if (rows === null) return;
  try {
    for (const fields of decodeRows(rows)) {
      refuseWrongWidth(fields.length, table);
      const full = file.add(csvRow(table.columns.length === 0 ? [] : fields));
      if (full) await full;
    }
  } catch (error) {
    throw tooLong(error, table, '--format copy writes it as it is.');
  }
}

function headerOf({ columns }: TableEntry): string {
  return csvRow(columns.map((column) => Buffer.from(column).toString('latin1')));
}

function indexOf(
  manifest: Manifest,
  format: FolderFormat,
  names: ReadonlyMap<number, string>,
  rowCounts: ReadonlyMap<number, number>,
): FolderIndex {
  const { id, database, snapshotAt, notCarried, tables } = manifest;
  return {
    version: 1,
    kind: 'holdfast export',
    id,
    database,
    snapshotAt,
    format,
    tables: tables.map(({ ordinal, schema, name, columns }) => ({
      file: names.get(ordinal)!,
      schema,
      table: name,
      columns,
      rows: rowCounts.get(ordinal)!,
    })),
    notCarried,
  };
}
