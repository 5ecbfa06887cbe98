import type { Manifest } from '../archive/manifest.ts';
import type { DumpPart } from '../archive/read-dump.ts';
import { damaged } from '../archive/reader.ts';
import type { TableEntry } from '../archive/tables.ts';
import { describeSchema, type SchemaDescription } from './schema-description.ts';

/** What a backup holds. */
export interface BackupContents {
  tables: readonly TableEntry[];
  schema: SchemaDescription;
  notCarried: Manifest['notCarried'];
  largeObjects: number;
}

/** Reads a dump to its end for what stands behind its rows. @throws IntegrityError when it is not sound */
export async function readContents(parts: AsyncIterable<DumpPart>): Promise<BackupContents> {
  let tables: readonly TableEntry[] = [];
  let schema: SchemaDescription | null = null;
  let manifest: Manifest | null = null;
  for await (const part of parts) {
    if (part.kind === 'tables') tables = part.tables.tables;
    else if (part.kind === 'fingerprint') schema = describeSchema(part.fingerprint);
    else if (part.kind === 'manifest') manifest = part.manifest;
  }
  if (!schema || !manifest) throw damaged('it lacks a part that every archive has');
  return { tables, schema, notCarried: manifest.notCarried, largeObjects: manifest.largeObjects.length };
}
