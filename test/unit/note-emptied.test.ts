import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupsOf } from '../../src/health/backups.ts';
import { evaluate } from '../../src/health/evaluate.ts';
import { gatherFacts } from '../../src/health/facts.ts';
import { policySchema } from '../../src/health/policy.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { silent } from '../../src/lib/progress.ts';
import { noteEmptied } from '../../src/note-emptied.ts';
import type { Store } from '../../src/store/store.ts';
import { backUp, startFakeCrm } from '../support/fake-crm.ts';
import { noon } from '../support/status-fixture.ts';
import { openStock, type Stock } from '../support/stock.ts';
import { openWorkplace } from '../support/workplace.ts';

/** A disk that is not mounted when a backup begins: its folder would be made anew, and nobody would know. */

let stock: Stock;
let ids: string[];
const open = async (stores: string[]) => {
  await stock?.[Symbol.asyncDispose]();
  stock = await openStock(stores);
  ids = await stock.makeDaily(3);
};
beforeEach(() => open(['disk']));
afterEach(() => stock[Symbol.asyncDispose]());

const away = (store = 'disk') => rename(join(stock.folder, store), join(stock.folder, `${store}-away`));
const note = (stores = stock.deps.stores) => {
  // After the newest backup, which took a while.
  const now = () => noon + 300_000;
  return noteEmptied({ ...stock.deps, now, stores }, 'crm');
};
const failures = async () => (await stock.records()).filter(({ outcome }) => outcome === 'failed');
const health = async () => {
  const facts = gatherFacts(await stock.records(), ['crm']);
  return evaluate(facts, policySchema.parse({}), noon + 3_600_000);
};
const warning =
  'Store disk holds none of the 3 backups of crm that the ledger says it has: was it moved or emptied? Is its disk not mounted? This backup goes to where the store is now.';

describe('a store that is gone', () => {
  test('is warned of, and no backup is good any more', async () => {
    await away();
    await note();
    expect(stock.warnings).toEqual([warning]);
    expect(await failures()).toMatchObject([
      { verb: 'verify', backupId: null, result: { store: 'disk', rung: null }, errorKind: 'IntegrityError' },
    ]);
    const { reasons } = await health();
    expect(reasons.map(({ code }) => code)).toContain('no-good-backup');
  });

  test('is there as an empty folder, as below a mount', async () => {
    await away();
    await mkdir(join(stock.folder, 'disk'));
    await note();
    expect(stock.warnings).toEqual([warning]);
  });

  test('is behind, where another one has what it lacks', async () => {
    await open(['disk', 'far']);
    await away();
    await note();
    const { state, reasons } = await health();
    expect(state).toBe('warning');
    expect(reasons).toContainEqual(
      expect.objectContaining({ code: 'store-behind', text: expect.stringContaining('Store disk') }),
    );
    const [newest] = backupsOf(await stock.records());
    expect(newest!.copies.map(({ store }) => store)).toEqual(['far']);
  });

  test('that had one backup only lacks that', async () => {
    await stock[Symbol.asyncDispose]();
    stock = await openStock(['disk']);
    await stock.make(1);
    await away();
    await note();
    expect(stock.warnings).toEqual([expect.stringContaining('does not hold the only backup of crm')]);
    expect((await health()).reasons.map(({ code }) => code)).toContain('no-good-backup');
  });
});

describe('nothing is said of a store', () => {
  afterEach(async () => {
    expect(stock.warnings).toEqual([]);
    expect(await failures()).toEqual([]);
  });

  test('that has its backups', () => note());

  test('that lacks only the newest: it was not emptied', async () => {
    await rm(join(stock.folder, 'disk', 'crm', ids[0]!), { recursive: true });
    await note();
  });

  test('that was never given any', () => note([{ ...stock.store('disk'), name: 'new' }]));

  test('that deletes by itself what is as old', async () => {
    await away();
    const { capabilities } = stock.store('disk');
    await note([{ ...stock.store('disk'), capabilities: { ...capabilities, maxRetentionDays: 1 } }]);
  });

  test('that does not answer: writing to it will say so', async () => {
    const size: Store['size'] = () => Promise.reject(new StoreError('Down.'));
    await note([{ ...stock.store('disk'), size }]);
  });

  test('when the ledger can’t be read: the comparison says so', async () => {
    await away();
    const read = () => Promise.reject(new StoreError('Down.'));
    await noteEmptied({ ...stock.deps, ledger: { ...stock.deps.ledger, read } }, 'crm');
  });
});

test('a backup into a folder that vanished is taken, warned of, and leaves health at a warning', async () => {
  await using crm = await startFakeCrm();
  await using place = await openWorkplace();
  const warnings: string[] = [];
  place.deps.progress = { ...silent, warn: (text) => void warnings.push(text) };
  await backUp(place, crm.api());
  await backUp(place, crm.api());
  expect(warnings).toEqual([]);
  await rename(join(place.folder, 'store'), join(place.folder, 'elsewhere'));
  const { id } = await backUp(place, crm.api());
  expect(warnings).toEqual([expect.stringContaining('holds none of the 2 backups')]);
  expect(await readdir(join(place.folder, 'store/crm'))).toEqual([id]);

  const records = (await place.deps.ledger.read())!;
  expect(records.filter(({ verb }) => verb === 'verify')).toMatchObject([
    { outcome: 'failed', backupId: null },
  ]);
  expect(backupsOf(records).map(({ good }) => good)).toEqual([true, false, false]);
  const { state, reasons } = evaluate(gatherFacts(records, ['crm']), policySchema.parse({}), Date.now());
  expect(state).toBe('warning');
  expect(reasons.map(({ code }) => code)).toContain('verify-failed');

  // The next one finds what this one left, and has nothing to add.
  await backUp(place, crm.api());
  expect(warnings).toHaveLength(1);
});
