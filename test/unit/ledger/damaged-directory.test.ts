import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { directoryLedger } from '../../../src/ledger/directory.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { IntegrityError, StoreError } from '../../../src/lib/errors.ts';
import { failureOf } from '../../support/pieces.ts';
import { backup, noon } from '../../support/status-fixture.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'holdfast-ledger-'));
  folder = join(parent, 'deep', 'ledger');
});
afterEach(() => rm(parent, { recursive: true }));

const ledger = () => directoryLedger(folder);
const november = '2026-11.ndjson';
const lineOf = (record: LedgerRecord) => `${JSON.stringify(record)}\n`;

async function writeNovember(text: string) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, november), text);
}

describe('a damaged ledger', () => {
  const good = backup(noon);
  const damageOf = async (text: string): Promise<string> => {
    await writeNovember(text);
    const error = await failureOf(ledger().read());
    expect(error).toBeInstanceOf(IntegrityError);
    expect((error as IntegrityError).publicReason).toBe('the ledger is damaged');
    return error.message;
  };

  test('a last line that is cut short is named, wherever it is cut', async () => {
    const line = lineOf(good);
    for (const cut of [1, 10, line.length - 1])
      expect(await damageOf(line + line.slice(0, cut))).toContain(`line 2 of ${november}`);
  });

  test.each([
    ['is not JSON', 'not JSON\n'],
    ['is not JSON', '\0\0\0\0\n'],
    ['is not a record', 'null\n'],
    ['(id)', lineOf({ ...good, id: 'x' })],
    ['is not a record of a known version (version)', lineOf({ ...good, version: 2 as 1 })],
    ['is not a record', lineOf({ ...good, host: 'db.example' } as LedgerRecord)],
    ['is not a record', lineOf({ ...good, verb: 'dance' as 'backup' })],
  ])('a line that %s is named with its file', async (what, line) => {
    const message = await damageOf(lineOf(good) + line + lineOf(good));
    expect(message).toContain(`line 2 of ${november}`);
    expect(message).toContain(what);
  });

  test('a record after a torn line is a line of its own, and is not lost with it', async () => {
    await writeNovember(lineOf(good) + lineOf(good).slice(0, 40));
    const next = backup(noon + 1000);
    await ledger().append(next);
    const lines = (await readFile(join(folder, november), 'utf8')).split('\n');
    expect(lines).toEqual([JSON.stringify(good), lineOf(good).slice(0, 40), JSON.stringify(next), '']);
    expect((await failureOf(ledger().read())).message).toContain(`line 2 of ${november}`);
    await writeNovember([lines[0], lines[2], ''].join('\n'));
    expect(await ledger().read()).toEqual([good, next]);
  });

  test('an empty line hides nothing', async () => {
    await writeNovember(`${lineOf(good)}\n${lineOf(good)}`);
    expect(await ledger().read()).toEqual([good, good]);
  });
});

describe('a ledger that can’t be reached is a store error', () => {
  test('where a file stands in the place of the folder', async () => {
    await mkdir(join(parent, 'deep'));
    await appendFile(folder, 'a file');
    for (const work of [() => ledger().append(backup(noon)), () => ledger().read()]) {
      const error = await failureOf(work());
      expect(error).toBeInstanceOf(StoreError);
      expect(error.message).not.toContain(parent);
    }
  });

  test('where a month can’t be read', async () => {
    await mkdir(join(folder, november), { recursive: true });
    expect(await failureOf(ledger().read())).toBeInstanceOf(StoreError);
    expect(await failureOf(ledger().append(backup(noon)))).toBeInstanceOf(StoreError);
  });
});
