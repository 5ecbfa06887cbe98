import { join } from 'node:path';
import type { DumpPart } from '../archive/read-dump.ts';
import { damaged } from '../archive/reader.ts';
import { WholeRows } from './copy-text.ts';
import type { JsonArray } from './json-arrays.ts';
import { JsonRows } from './json-rows.ts';
import { OutputFile } from './output-file.ts';
import type { SchemaDescription } from './schema-description.ts';

/** Objects of one array, in a file of their own. */
interface ArrayPart {
  path: string;
  /** Open while tables of the array come. */
  file: OutputFile | null;
  tablesOpen: number;
  rows: number;
}

/**
 * Writes the objects of each array into a file of its own, because the tables of a dump come interleaved.
 *
 * @returns a file for each array, in their order; `path` is null where there were no rows
 */
export async function writeJsonParts(
  parts: AsyncIterable<DumpPart>,
  folder: string,
  arrays: readonly JsonArray[],
  schema: SchemaDescription,
): Promise<{ path: string | null; rows: number }[]> {
  const arrayParts = arrays.map(
    (_, index): ArrayPart => ({ path: join(folder, `${index}.part`), file: null, tablesOpen: 0, rows: 0 }),
  );
  const partOf = new Map<number, ArrayPart>();
  for (const [index, { ordinals }] of arrays.entries())
    for (const ordinal of ordinals) partOf.set(ordinal, arrayParts[index]!);
  const open = new Map<number, { whole: WholeRows; json: JsonRows }>();
  try {
    for await (const part of parts) {
      const array = 'table' in part ? partOf.get(part.table.ordinal) : undefined;
      if (!array || !('table' in part)) continue;
      const { ordinal } = part.table;
      if (part.kind === 'begin') {
        open.set(ordinal, { whole: new WholeRows(), json: new JsonRows(part.table, schema) });
        array.tablesOpen += 1;
        array.file ??= await OutputFile.open(array.path, 'a');
      } else if (part.kind === 'rows') {
        const { whole, json } = open.get(ordinal)!;
        await addObjects(array, whole.take(part.bytes), json);
      } else {
        if (open.get(ordinal)!.whole.isInsideRow) throw damaged('a table ends inside a row');
        open.delete(ordinal);
        array.tablesOpen -= 1;
        if (array.tablesOpen > 0) continue;
        await array.file!.finish(false);
        array.file = null;
      }
    }
  } finally {
    for (const { file } of arrayParts) await file?.abandon();
  }
  return arrayParts.map(({ path, rows }) => ({ path: rows > 0 ? path : null, rows }));
}

async function addObjects(array: ArrayPart, rows: Buffer | null, json: JsonRows) {
  if (rows === null) return;
  for (const object of json.objects(rows)) {
    const full = array.file!.add(`${array.rows === 0 ? '' : ','}\n${object}`);
    array.rows += 1;
    if (full) await full;
  }
}
