import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findChosen } from '../../src/latest.ts';
import type { Anomaly } from '../../src/ledger/record.ts';
import { IntegrityError } from '../../src/lib/errors.ts';
import { show } from '../../src/list.ts';
import { verify } from '../../src/verify.ts';
import { openStock, type Stock } from '../support/stock.ts';

/** What `latest` means: the same to every verb. */

let stock: Stock;
beforeEach(async () => {
  stock = await openStock();
});
afterEach(() => stock[Symbol.asyncDispose]());

const latest = async () => (await findChosen(stock.deps, 'crm', 'latest'))[0]!.id;

const verified = async (id = 'latest') => {
  const { checked } = await verify(stock.deps, { database: 'crm', id, all: false, identities: null });
  return checked.map((each) => each.id);
};

/** A backup of today that looked half lost. */
async function makeQuarantined() {
  const id = await stock.make(0, { recorded: false });
  const record = stock.recordOf(id);
  const anomaly: Anomaly = {
    verdict: 'quarantine',
    findings: [],
    n: 7,
    comparedWith: null,
    schema: null,
    tables: 'unknown',
    datedAhead: [],
  };
  await stock.record({ ...record, result: { ...record.result!, anomaly } });
  return id;
}

test('the newest, when nothing speaks against it', async () => {
  const [newest] = await stock.makeDaily(3);
  expect(await latest()).toBe(newest);
  expect(stock.warnings).toEqual([]);
});

test('not the one that was taken after the accident, and that is said', async () => {
  const good = await stock.make(1);
  const bad = await makeQuarantined();
  expect(await latest()).toBe(good);
  expect(stock.warnings).toEqual([expect.stringContaining(`${bad}, is in quarantine`)]);
  // It is what `show` shows and `verify` reads, too.
  stock.warnings.length = 0;
  expect((await show(stock.deps, 'crm', 'latest')).id).toBe(good);
  expect(await verified()).toEqual([good]);
  expect(stock.warnings).toHaveLength(2);
  // Whoever names it gets it.
  expect((await findChosen(stock.deps, 'crm', bad))[0]!.id).toBe(bad);
});

test('the newest all the same when none is good', async () => {
  const bad = await makeQuarantined();
  expect(await latest()).toBe(bad);
  expect(await verified()).toEqual([bad]);
});

test('nothing older in the place of one whose receipt is damaged', async () => {
  const [newest] = await stock.makeDaily(2);
  await writeFile(join(stock.folder, 'disk/crm', newest!, 'receipt.json'), '{}');
  await expect(latest()).rejects.toThrow(IntegrityError);
});

test('the newest in the stores when the ledger is damaged, with a warning', async () => {
  const [newest] = await stock.makeDaily(2);
  await writeFile(join(stock.folder, 'ledger/2026-11.ndjson'), 'not a record\n');
  expect(await latest()).toBe(newest);
  expect(stock.warnings).toEqual([expect.stringContaining('is not known')]);
});

test('never what a restore took of its target', async () => {
  const regular = await stock.make(1);
  await stock.make(0, { trigger: 'pre-restore' });
  expect(await latest()).toBe(regular);
  expect(await verified()).toEqual([regular]);
});

test('one that is missing is verified, and fails, instead of an older one', async () => {
  const [newest] = await stock.makeDaily(2);
  await rm(join(stock.folder, 'disk/crm', newest!), { recursive: true });
  await expect(verified()).rejects.toThrow(`does not hold ${newest}`);
  await expect(verified()).rejects.toThrow(`does not hold ${newest}`);
});
