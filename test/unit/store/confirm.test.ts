import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectKeys } from '../../../src/archive/backup-id.ts';
import { IntegrityError, StoreError } from '../../../src/lib/errors.ts';
import { confirmCopies } from '../../../src/store/confirm.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import { putEverywhere } from '../../../src/store/fan-out.ts';
import { listBackups } from '../../../src/store/receipts.ts';
import type { Store } from '../../../src/store/store.ts';
import { failureOf, streamOf, within } from '../../support/pieces.ts';
import { makeSmallArchive } from '../../support/small-archive.ts';

const { receipt, bytes } = await makeSmallArchive();
const keys = objectKeys('crm', receipt.id, true);

let folder: string;
let near: Store;
let far: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-confirm-'));
  near = directoryStore('near', join(folder, 'near'));
  far = directoryStore('far', join(folder, 'far'));
});
afterEach(() => rm(folder, { recursive: true }));

const store = async (stores: Store[]) =>
  confirmCopies((await putEverywhere(stores, keys.archive, streamOf(bytes))).outcomes, receipt, {
    stallMs: 400,
  });
const names = async (of: Store) => (await listBackups(of, 'crm')).map(({ id }) => id);

test('each store that took the archive gets the receipt, after it', async () => {
  const { copies, failedStores } = await store([near, far]);
  expect(copies.map((copy) => copy.store)).toEqual(['near', 'far']);
  expect(failedStores).toEqual([]);
  expect(await names(far)).toEqual([receipt.id]);
});

test('an archive that another run has put there is left alone', async () => {
  const other = Buffer.from('of another run');
  await near.put(keys.archive, streamOf(other));
  const { copies, failedStores } = await store([near, far]);
  expect(copies.map((copy) => copy.store)).toEqual(['far']);
  expect(failedStores).toEqual([{ store: 'near', message: expect.stringContaining('already holds') }]);
  expect(await near.size(keys.archive)).toBe(other.length);
  expect(await failureOf(store([near]))).toBeInstanceOf(StoreError);
  expect(await near.size(keys.archive)).toBe(other.length);
});

test.each<[string, Partial<Store>]>([
  ['refuses the receipt', { put: () => Promise.reject(new StoreError('Full.')) }],
  ['hangs at the receipt', { put: () => new Promise(() => {}) }],
  ['hangs when asked for the size', { size: () => new Promise(() => {}) }],
  ['lost the archive', { size: async () => null }],
])('a store that %s has no copy and keeps no archive, and the other is whole', async (_, broken) => {
  const put = await putEverywhere([near, far], keys.archive, streamOf(bytes));
  const outcomes = put.outcomes.map((each) =>
    each.store === near ? { ...each, store: { ...near, ...broken } } : each,
  );
  const { copies, failedStores } = await within(5000, confirmCopies(outcomes, receipt, { stallMs: 400 }));
  expect([copies.map((copy) => copy.store), failedStores.map((failed) => failed.store)]).toEqual([
    ['far'],
    ['near'],
  ]);
  expect(await near.list('crm')).toEqual([]);
});

test('a receipt that arrives late in a store that was given up is taken back', async () => {
  await putEverywhere([near], keys.archive, streamOf(bytes));
  let write = () => {};
  const late = new Promise<void>((resolve) => {
    write = resolve;
  });
  let arrived = false;
  let taken = Promise.resolve();
  const slow: Store = {
    ...near,
    put: async (key, content) => {
      await late;
      const stored = await near.put(key, content);
      arrived = true;
      return stored;
    },
    remove: (key) => {
      if (arrived) taken = near.remove(key);
      return arrived ? taken : near.remove(key);
    },
  };
  await failureOf(confirmCopies([{ store: slow, error: null }], receipt, { stallMs: 30 }));
  write();
  await expect.poll(() => arrived).toBe(true);
  await expect.poll(() => near.list('crm')).toEqual([]);
  await taken;
});

test('when no store is left, the first one’s reason is told', async () => {
  const lost = { ...near, size: async () => null };
  const outcomes = [
    { store: lost, error: null },
    { store: far, error: new StoreError('Store far is down.') },
  ];
  expect(await failureOf(confirmCopies(outcomes, receipt))).toBeInstanceOf(IntegrityError);
});
