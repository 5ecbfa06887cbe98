import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DumpPart } from '../archive/read-dump.ts';
import { interrupted } from '../ledger/attempt.ts';
import type { JsonArray } from './json-arrays.ts';
import { writeJsonParts } from './json-parts.ts';
import { OutputFile } from './output-file.ts';
import type { SchemaDescription } from './schema-description.ts';

export interface JsonPlan {
  arrays: readonly JsonArray[];
  schema: SchemaDescription;
  /** Whether the arrays stand together under `tables`, or are members of the document themselves. */
  isNested: boolean;
  /** Members after the arrays. */
  members: Readonly<Record<string, string>>;
}

/**
 * Writes one JSON document of a dump's rows into a new file, a row a line. It may only be used when this returns:
 * the dump is proved by its end. Parts of it are made beside it, so the disk needs room for the largest array twice.
 *
 * @param signal stops it between two writes, with a SourceError
 * @returns the rows written
 */
export async function exportJson(
  parts: AsyncIterable<DumpPart>,
  path: string,
  plan: JsonPlan,
  signal: AbortSignal,
): Promise<number> {
  const written = await writeJsonParts(parts, dirname(path), plan.arrays, plan.schema);
  const file = await OutputFile.open(path);
  try {
    await file.addBytes(Buffer.from(plan.isNested ? '{\n"tables": {' : '{'));
    for (const [index, { name }] of plan.arrays.entries()) {
      await file.addBytes(Buffer.from(`${index === 0 ? '' : ','}\n${JSON.stringify(name)}: [`));
      const { path } = written[index]!;
      if (path === null) await file.addBytes(Buffer.from(']'));
      else {
        await append(file, path, signal);
        await file.addBytes(Buffer.from('\n]'));
      }
    }
    const members = Object.entries(plan.members).map(
      ([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`,
    );
    await file.addBytes(Buffer.from(`${plan.isNested ? '\n}' : ''},\n${members.join(',\n')}\n}\n`));
    await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
  return written.reduce((sum, { rows }) => sum + rows, 0);
}

/** Moves a part to the end of the document. */
async function append(file: OutputFile, path: string, signal: AbortSignal) {
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (signal.aborted) throw interrupted();
    await file.addBytes(bytes);
  }
  await rm(path);
}
