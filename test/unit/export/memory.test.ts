import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Manifest } from '../../../src/archive/manifest.ts';
import type { DumpPart } from '../../../src/archive/read-dump.ts';
import type { TableEntry } from '../../../src/archive/tables.ts';
import { exportFolder } from '../../../src/export/folder-export.ts';
import { exportJson } from '../../../src/export/json-export.ts';
import { describeSchema } from '../../../src/export/schema-description.ts';
import { memoryGrowthDuring } from '../../support/pieces.ts';

/** 200 MB of rows may pass, and not stay. */

const table: TableEntry = {
  ordinal: 1,
  schema: 'public',
  name: 'notes',
  columns: ['id', 'text', 'more'],
  filter: null,
  copy: '',
  estimatedRows: 0,
};
const schema = describeSchema({
  version: 1,
  entries: [{ key: 'pg_attribute|id of public.notes', attributes: { atttypid: 'integer' } }],
});
const block = Buffer.from(`1\t${'tab\\tand "quote", '.repeat(20)}\t\\N\n`.repeat(2600));
const blocks = Math.ceil(200e6 / block.length);
const mostGrowth = 150e6;

/** The parts of a dump, made as they are asked for. */
async function* dump(): AsyncGenerator<DumpPart> {
  const part = { table, stream: '000001' };
  yield { kind: 'tables', tables: { tables: [table] } } as unknown as DumpPart;
  yield { kind: 'begin', ...part, newRows: 0 };
  for (let made = 0; made < blocks; made++)
    yield { kind: 'rows', ...part, bytes: Buffer.from(block), newRows: 2600 };
  yield { kind: 'end', ...part, newRows: 0 };
  const manifest = { id: 'x', tables: [table], notCarried: [], largeObjects: [] } as unknown as Manifest;
  yield { kind: 'manifest', manifest };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-export-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('CSV', { timeout: 60_000 }, async () => {
  const growth = await memoryGrowthDuring(() => exportFolder(dump(), folder, 'csv'));
  expect((await stat(join(folder, 'public.notes.csv'))).size).toBeGreaterThan(190e6);
  expect(growth).toBeLessThan(mostGrowth);
});

test('JSON', { timeout: 60_000 }, async () => {
  const arrays = [{ name: 'notes', ordinals: new Set([1]) }];
  const plan = { arrays, schema, isNested: false, members: { version: '1.0' } };
  const path = join(folder, 'whole.json');
  const growth = await memoryGrowthDuring(() => exportJson(dump(), path, plan, new AbortController().signal));
  expect((await stat(path)).size).toBeGreaterThan(200e6);
  expect(growth).toBeLessThan(mostGrowth);
});
