import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copy } from '../../src/copy.ts';
import { checkHoldings } from '../../src/doctor/store-holdings.ts';
import { backupsOf } from '../../src/health/backups.ts';
import { evaluate } from '../../src/health/evaluate.ts';
import { gatherFacts } from '../../src/health/facts.ts';
import { policySchema } from '../../src/health/policy.ts';
import { StoreError } from '../../src/lib/errors.ts';
import { listing } from '../../src/list.ts';
import { prune } from '../../src/prune.ts';
import { verify } from '../../src/verify.ts';
import { failureOf } from '../support/pieces.ts';
import { policyOf } from '../support/retention.ts';
import { noon } from '../support/status-fixture.ts';
import { openStock, type Stock } from '../support/stock.ts';

/** A store that was moved away, emptied or never mounted, while the ledger knows what it was given. */

let stock: Stock;
let ids: string[];
const open = async (stores: string[]) => {
  await stock?.[Symbol.asyncDispose]();
  stock = await openStock(stores);
  ids = await stock.makeDaily(3);
  now = noon;
};
beforeEach(() => open(['disk']));
afterEach(() => stock[Symbol.asyncDispose]());

const away = (store = 'disk') => rename(join(stock.folder, store), join(stock.folder, `${store}-away`));
const back = (store = 'disk') => rename(join(stock.folder, `${store}-away`), join(stock.folder, store));
const lose = (id: string, store = 'disk') => rm(join(stock.folder, store, 'crm', id), { recursive: true });
let now: number;
const check = (all = false, id = 'latest') => {
  // After the newest backup, and each a while after the one before.
  now += 300_000;
  return verify({ ...stock.deps, now: () => now }, { database: 'crm', id, all, identities: null });
};
const facts = async () => gatherFacts(await stock.records(), ['crm'])[0]!;
const health = async () =>
  evaluate([await facts()], policySchema.parse({}), noon + 3_600_000).reasons.filter(({ code }) =>
    ['no-good-backup', 'verify-failed', 'store-behind'].includes(code),
  );
const none =
  'Store disk holds none of the 3 backups of crm that the ledger says it has: was it moved or emptied?';

describe('a list', () => {
  test('that would be empty says what is gone', async () => {
    await away();
    const error = await failureOf(listing(stock.deps, 'crm'));
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ message: none });
  });

  test('names the stores that lack what they were given', async () => {
    await open(['disk', 'far']);
    await away();
    await lose(ids[0]!, 'far');
    const { backups, lacking } = await listing(stock.deps, 'crm');
    expect(backups.map(({ id }) => id)).toEqual(ids.slice(1));
    expect(lacking.map(({ store, missing, promised }) => [store.name, missing, promised])).toEqual([
      ['disk', 3, 3],
      ['far', 1, 3],
    ]);
  });

  test('of a database that was never backed up is only empty', async () => {
    expect(await listing(stock.deps, 'other')).toEqual({ backups: [], lacking: [], unreachable: [] });
  });

  test('says which stores could not be asked', async () => {
    const broken = {
      ...stock.store('disk'),
      name: 'far',
      list: () => Promise.reject(new StoreError('Down.')),
    };
    const { unreachable } = await listing({ ...stock.deps, stores: [stock.store('disk'), broken] }, 'crm');
    expect(unreachable.map(({ store, error }) => [store.name, error.message])).toEqual([['far', 'Down.']]);
  });
});

describe('the doctor', () => {
  const look = async () =>
    checkHoldings('store disk', stock.store('disk'), await stock.records(), ['crm'], noon);

  test('finds all that the ledger knows', async () => {
    expect(await look()).toMatchObject([{ level: 'ok', text: expect.stringContaining('all 3 backups') }]);
  });

  test('finds none', async () => {
    await away();
    expect(await look()).toMatchObject([{ level: 'problem', text: none }]);
  });

  test('finds some', async () => {
    await lose(ids[1]!);
    expect(await look()).toMatchObject([
      { level: 'problem', text: expect.stringContaining('lacks 1 of the 3') },
    ]);
  });

  test('has nothing to look for before the first backup', async () => {
    expect(await checkHoldings('store disk', stock.store('disk'), [], ['crm'], noon)).toEqual([]);
  });
});

describe('pruning', () => {
  const run = () =>
    prune(stock.deps, {
      database: 'crm',
      policyOf: () => policyOf({ keepLast: 9 }),
      apply: true,
      allowLarge: false,
      graceMs: 0,
    });

  test('is refused, also when there is nothing to delete', async () => {
    expect(await run()).toMatchObject([{ deleted: [] }]);
    await away();
    await expect(run()).rejects.toThrow('the store is empty and lacks 3 that it should have');
  });

  test('is refused while more is missing than a killed run explains, whatever was made since', async () => {
    await stock.make(3);
    for (const id of ids) await lose(id);
    await expect(run()).rejects.toThrow('the store lacks 3 that it should have');
  });
});

describe('verifying', () => {
  test.each([true, false])(
    'tells once that all is gone, and no backup is good any more (all: %s)',
    async (all) => {
      await away();
      const error = await failureOf(check(all));
      expect(error).toMatchObject({ name: 'IntegrityError', message: none });
      expect(stock.warnings).toEqual([]);
      expect(await health()).toMatchObject([
        { state: 'critical', code: 'no-good-backup' },
        { code: 'verify-failed', text: 'The last verification failed: a store holds none of its backups.' },
      ]);
    },
  );

  test('finds them good again, as soon as one of them is read there', async () => {
    await away();
    await failureOf(check());
    await back();
    await check(false, ids[0]!);
    expect(await health()).toEqual([]);
    expect((await facts()).firstGoodAt).not.toBeNull();
    await expect(check(true)).resolves.toMatchObject({ checked: { length: 3 } });
  });

  test('does not take a new backup in the empty store for one of the old', async () => {
    await away();
    await failureOf(check());
    const anew = await stock.make(-0.004);
    await check(false, anew);
    expect(await facts()).toMatchObject({ newestGood: { id: anew } });
    expect((await facts()).firstGoodAt).toBe(stock.recordOf(anew).result!.snapshotAt);
  });

  test('does not take one that was copied back for all of them', async () => {
    await open(['disk', 'far']);
    await away();
    await failureOf(check());
    now += 300_000;
    const at = { ...stock.deps, now: () => now };
    await copy(at, { database: 'crm', id: ids[0]!, to: 'disk', from: null });
    await check(false, ids[0]!);
    const storesOf = backupsOf(await stock.records()).map(({ copies }) => copies.map(({ store }) => store));
    expect(storesOf).toEqual([['disk', 'far'], ['far'], ['far']]);
  });

  test('leaves those good that another store has', async () => {
    await open(['disk', 'far']);
    await away();
    await failureOf(check(true));
    expect(await health()).toMatchObject([
      { code: 'store-behind', text: expect.stringContaining('Store disk') },
      { code: 'verify-failed' },
    ]);
  });

  test('calls a backup that is missing by itself missing, and not damaged', async () => {
    await lose(ids[1]!);
    const error = await failureOf(check(true));
    expect(error).toMatchObject({
      name: 'IntegrityError',
      message: `Store disk does not hold ${ids[1]}, although the ledger says so.`,
      publicReason: 'a copy is missing',
    });
    expect(stock.warnings).toEqual([]);
  });
});
