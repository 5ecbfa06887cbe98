import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TableEntry } from '../../src/archive/tables.ts';
import { IntegrityError, SourceError } from '../../src/lib/errors.ts';
import { RowLoader } from '../../src/restore/load-rows.ts';
import { connect } from '../../src/source/postgres/connect.ts';
import { connectionOf } from '../../src/source/postgres/wire.ts';
import { failureOf } from '../support/pieces.ts';
import { newDatabase, run, stopServers } from '../support/servers.ts';

const major = 17;
let url: string;

beforeAll(async () => {
  url = await newDatabase(major);
});
afterAll(stopServers);

/** Makes a table and its entry. */
async function makeTable(ordinal: number, changes: Partial<TableEntry> = {}): Promise<TableEntry> {
  const name = `t${ordinal}`;
  await run(url, `CREATE TABLE IF NOT EXISTS ${name} (id int NOT NULL, name text)`);
  const copy = `COPY "public"."${name}" ("id", "name") FROM stdin;`;
  const entry = { schema: 'public', name, columns: ['id', 'name'], filter: null, copy, estimatedRows: 0 };
  return { ordinal, ...entry, ...changes };
}

const row = (id: number | string, text = 'x') => `${id}\t${text}\n`;
const count = async (table: string) =>
  Number((await run(url, `SELECT count(*) AS rows FROM ${table}`))[0]!['rows']);

async function load(loader: RowLoader, table: TableEntry, ...parts: string[]) {
  loader.begin(table);
  for (const part of parts) await loader.rows(table, Buffer.from(part));
  await loader.end(table);
}

describe('rows loaded into tables', () => {
  test('small, empty and large ones come in whole, interleaved', async () => {
    await using loader = new RowLoader(() => connect({ url, label: 'scratch' }));
    const [empty, large] = [await makeTable(1), await makeTable(2)];
    const small = await Promise.all([3, 4, 5].map((ordinal) => makeTable(ordinal)));
    loader.begin(large);
    await load(loader, empty);
    const part = row(1, 'y'.repeat(99_996));
    for (let turn = 0; turn < 30; turn++) {
      await loader.rows(large, Buffer.from(part));
      const [table] = small.splice(0, 1);
      if (table) await load(loader, table, row(1), row(2));
    }
    await loader.end(large);
    await loader.finish();
    expect(await Promise.all(['t1', 't2', 't3', 't4', 't5'].map(count))).toEqual([0, 30, 2, 2, 2]);
  });

  test('an extension’s own rows stay beside those that are loaded', async () => {
    const table = await makeTable(6, { filter: 'WHERE id > 1' });
    await run(url, 'INSERT INTO t6 VALUES (1)');
    await using loader = new RowLoader(() => connect({ url, label: 'scratch' }));
    await load(loader, table, row(2, 'z'.repeat(400_000)));
    await loader.finish();
    expect(await count('t6')).toBe(2);
  });
});

describe('rows that are refused', () => {
  test.each([
    ['a small table among others', 'x'],
    ['a large table', 'x'.repeat(500_000)],
  ])('%s is named, and the loader ends', async (_, text) => {
    const tables = await Promise.all([10, 11, 12].map((ordinal) => makeTable(ordinal)));
    await using loader = new RowLoader(() => connect({ url, label: 'scratch' }));
    const work = async () => {
      await load(loader, tables[0]!, row(1));
      await load(loader, tables[1]!, row('not a number', text), row(2));
      await load(loader, tables[2]!, row(1));
      await loader.finish();
    };
    const error = await failureOf(work());
    expect(error).toBeInstanceOf(IntegrityError);
    expect((error as Error).message).toContain('public.t11');
  });

  test('a connection that is lost says nothing against the backup', async () => {
    const table = await makeTable(13);
    await using loader = new RowLoader(async () => {
      const connected = await connect({ url, label: 'scratch' });
      setTimeout(() => connectionOf(connected.client).stream.destroy(), 200);
      return connected;
    });
    const work = async () => {
      loader.begin(table);
      for (let turn = 0; turn < 1000; turn++) {
        await loader.rows(table, Buffer.from(row(turn, 'x'.repeat(300_000))));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await loader.end(table);
      await loader.finish();
    };
    expect(await failureOf(work())).toBeInstanceOf(SourceError);
  });
});
