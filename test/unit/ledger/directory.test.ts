import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { directoryLedger } from '../../../src/ledger/directory.ts';
import { type LedgerRecord, recordSchema } from '../../../src/ledger/record.ts';
import { failureOf } from '../../support/pieces.ts';
import { backup, noon, restoreTest, verify } from '../../support/status-fixture.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'holdfast-ledger-'));
  folder = join(parent, 'deep', 'ledger');
});
afterEach(() => rm(parent, { recursive: true }));

const ledger = () => directoryLedger(folder);
const at = (text: string) => backup(Date.parse(text));
const november = '2026-11.ndjson';

async function writeNovember(text: string) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, november), text);
}

describe('a ledger in a folder', () => {
  test('gives back every kind of record, good and bad, oldest first', async () => {
    const made = backup(noon);
    const failed = { reason: 'the store is down', errorKind: 'StoreError' as const };
    const records = [backup(noon - 5, { failed }), made, verify(noon + 5, made), restoreTest(noon + 9, made)];
    for (const record of records.toReversed()) await ledger().append(record);
    expect(await ledger().read()).toEqual(records);
  });

  test('keeps a file for each month of the start, by UTC', async () => {
    const records = [
      at('2026-10-31T23:59:59.999Z'),
      at('2026-11-01T00:00:00.000Z'),
      at('2026-11-30T23:59:59.999Z'),
      at('2026-12-01T00:00:00.000Z'),
      at('2027-01-01T00:00:00.000Z'),
    ];
    for (const record of records) await ledger().append(record);
    expect((await readdir(folder)).sort()).toEqual([
      '2026-10.ndjson',
      november,
      '2026-12.ndjson',
      '2027-01.ndjson',
    ]);
    expect(await ledger().read()).toEqual(records);
  });

  test('tells a ledger that is missing from one that is empty', async () => {
    expect(await ledger().read()).toBeNull();
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'README.md'), 'What this is.');
    expect(await ledger().read()).toBeNull();
    await writeNovember('');
    expect(await ledger().read()).toEqual([]);
  });

  test('refuses a record that it could not read again, and writes nothing', async () => {
    const wrong = { ...backup(noon), reason: 7 } as unknown as LedgerRecord;
    await failureOf(ledger().append(wrong));
    expect(await ledger().read()).toBeNull();
  });

  test('twenty processes that append at once lose nothing', async () => {
    const records = Array.from({ length: 20 }, (_, index) => backup(noon + index, { stores: [`s${index}`] }));
    const script = `
      import { directoryLedger } from ${JSON.stringify(new URL('../../../src/ledger/directory.ts', import.meta.url).href)};
      await directoryLedger(process.argv[1]).append(JSON.parse(process.argv[2]));`;
    const exits = records.map(async (record) => {
      const args = ['--input-type=module', '-e', script, folder, JSON.stringify(record)];
      const [code] = await once(spawn(process.execPath, args, { stdio: 'ignore' }), 'exit');
      return code;
    });
    expect(new Set(await Promise.all(exits))).toEqual(new Set([0]));
    expect(await ledger().read()).toEqual(records);
  }, 30_000);
});

test('what a record may say is bounded', () => {
  const good = backup(noon, { failed: { reason: 'no', errorKind: 'Bug' } });
  for (const change of [
    { trigger: 'a\nb' },
    { trigger: 'x'.repeat(65) },
    { reason: 'x'.repeat(201) },
    { actor: 'x'.repeat(65) },
    { startedAt: '2026-11-22 12:00' },
    { startedAt: '2026-11-22T12:00:00.000+01:00' },
    { runUrl: 'not a URL' },
    { backupId: '../../etc' },
    { durationMs: -1 },
    { database: 'CRM' },
  ])
    expect(recordSchema.safeParse({ ...good, ...change }).success).toBe(false);
});
