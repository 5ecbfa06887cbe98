import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copy } from '../../../src/copy.ts';
import { copyNewestMissing } from '../../../src/copy-missing.ts';
import { backupsOf } from '../../../src/health/backups.ts';
import { ConfigError, IntegrityError, SourceError, StoreError } from '../../../src/lib/errors.ts';
import { prune } from '../../../src/prune.ts';
import type { Store } from '../../../src/store/store.ts';
import { verify } from '../../../src/verify.ts';
import { failureOf, streamOf, within } from '../../support/pieces.ts';
import { nothing } from '../../support/retention.ts';
import { archiveBytes, keysOf, openStock, type Stock } from '../../support/stock.ts';

let stock: Stock;
let id: string;
beforeEach(async () => {
  stock = await openStock(['near', 'far']);
  id = await stock.make(1, { stores: ['near'] });
});
afterEach(() => stock[Symbol.asyncDispose]());

const bring = (options: { id?: string; to?: string; from?: string | null } = {}, stores?: Store[]) =>
  copy(
    { ...stock.deps, stores: stores ?? stock.deps.stores },
    { database: 'crm', id, to: 'far', from: null, ...options },
  );
const archiveIn = async (name: string) => buffer(await stock.store(name).get(keysOf(id).archive));
const damage = (name: string, object: 'archive' | 'receipt' = 'archive') =>
  writeFile(
    join(stock.folder, name, keysOf(id)[object]),
    archiveBytes.map((byte) => byte ^ 1),
  );
const copyRecords = async () => (await stock.records()).filter((record) => record.verb === 'copy');
const copiesKnown = async () =>
  backupsOf(await stock.records())
    .find((each) => each.id === id)!
    .copies.map(({ store }) => store);

test('a store gets the very bytes and a receipt; the ledger knows, and verify finds it sound', async () => {
  const { made } = await bring();
  expect(made).toMatchObject({ from: 'near', copy: { store: 'far', sizeBytes: archiveBytes.length } });
  expect((await archiveIn('far')).equals(archiveBytes)).toBe(true);
  expect(await stock.held('far')).toEqual([id]);
  expect(await copiesKnown()).toEqual(['near', 'far']);
  const { checked } = await verify(stock.deps, { database: 'crm', id, all: false, identities: null });
  expect(checked.map(({ store, rung }) => [store, rung])).toEqual([
    ['near', 'intact'],
    ['far', 'intact'],
  ]);
});

test('what is there already is not copied again, and nothing is recorded', async () => {
  await bring();
  expect((await bring()).made).toBeNull();
  expect(await copyRecords()).toHaveLength(1);
});

test.each([
  ['changed', () => damage('near')],
  ['longer', () => appendFile(join(stock.folder, 'near', keysOf(id).archive), 'x')],
  ['gone', () => stock.store('near').remove(keysOf(id).archive)],
])(
  'a source whose archive is %s is an integrity error, recorded, and the target keeps nothing',
  async (_, spoil) => {
    await spoil();
    expect(await failureOf(bring())).toBeInstanceOf(IntegrityError);
    expect(await stock.store('far').list('crm')).toEqual([]);
    expect(await copyRecords()).toMatchObject([
      { outcome: 'failed', errorKind: 'IntegrityError', backupId: id, result: null },
    ]);
  },
);

test('a damaged source is passed over for a sound one', async () => {
  await using three = await openStock(['near', 'middle', 'far']);
  const made = await three.make(1, { stores: ['near', 'middle'] });
  await writeFile(join(three.folder, 'near', keysOf(made).archive), archiveBytes.subarray(0, -1));
  const result = await copy(three.deps, { database: 'crm', id: made, to: 'far', from: null });
  expect(result.made?.from).toBe('middle');
  expect(three.warnings.join()).toContain('near');
  const chosen = copy(three.deps, { database: 'crm', id: made, to: 'middle', from: 'near' });
  expect((await chosen).made).toBeNull();
});

test('a damaged copy is replaced, and only once the other was found sound', async () => {
  await bring();
  await damage('far');
  await failureOf(verify(stock.deps, { database: 'crm', id, all: false, identities: null }));
  expect(await copiesKnown()).toEqual(['near']);
  await damage('near');
  expect(await failureOf(bring())).toBeInstanceOf(IntegrityError);
  expect(await stock.held('far')).toEqual([id]);

  await writeFile(join(stock.folder, 'near', keysOf(id).archive), archiveBytes);
  expect((await bring()).made).not.toBeNull();
  expect((await archiveIn('far')).equals(archiveBytes)).toBe(true);
  expect(await copiesKnown()).toEqual(['near', 'far']);
});

test('a copy that was killed before its receipt needs only that', async () => {
  await stock.store('far').put(keysOf(id).archive, streamOf(archiveBytes));
  const puts: string[] = [];
  const far = stock.store('far');
  const watched: Store = {
    ...far,
    put: (key, content) => {
      puts.push(key);
      return far.put(key, content);
    },
  };
  await bring({}, [stock.store('near'), watched]);
  expect(puts).toEqual([keysOf(id).receipt]);
  expect(await stock.held('far')).toEqual([id]);
});

test('a damaged receipt is replaced', async () => {
  await bring();
  await damage('far', 'receipt');
  await bring();
  const { checked } = await verify(stock.deps, { database: 'crm', id, all: false, identities: null });
  expect(checked).toHaveLength(2);
});

test.each([
  ['a store that is not configured', { to: 'moon' }, 'no store "moon"'],
  ['a source that is not configured', { from: 'moon' }, 'no store "moon"'],
  ['a backup that is nowhere', { id: 'crm-20200101T020000Z-k7qa' }, 'No store holds a backup'],
  ['a source that has none', { from: 'far', to: 'near' }, null],
  ['nowhere else to read from', { to: 'near' }, null],
])('%s', async (_, options, message) => {
  if (message === null) return expect((await bring(options)).made).toBeNull();
  const error = await failureOf(bring(options));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toContain(message);
});

test('asked to stop, it leaves nothing in the target', async () => {
  const near = stock.store('near');
  const half = new PassThrough();
  half.write(archiveBytes.subarray(0, 100));
  const slow: Store = { ...near, get: async (key) => (key.endsWith('.age') ? half : near.get(key)) };
  const copying = failureOf(bring({}, [slow, stock.store('far')]));
  setTimeout(() => stock.stopping.abort(), 30);
  expect(await within(5000, copying)).toBeInstanceOf(SourceError);
  expect(await stock.store('far').list('crm')).toEqual([]);
});

describe('after a backup', () => {
  const missing = () => copyNewestMissing(stock.deps, 'crm');

  test('a store that was down gets what it lacks of the newest three', async () => {
    const newest = await stock.make(0, { stores: ['near'] });
    const older = await Promise.all([2, 3].map((age) => stock.make(age, { stores: ['near'] })));
    expect((await missing()).copied.map((each) => each.id)).toEqual([newest, id, older[0]]);
    expect(await stock.held('far')).toEqual([newest, id, older[0]]);
    expect(await missing()).toEqual({ copied: [], failed: [] });
  });

  test('what retention removed is not brought back', async () => {
    await bring();
    await stock.make(0);
    const policyOf = ({ name }: Store) => ({ ...nothing, keepLast: name === 'far' ? 1 : 9 });
    await prune(stock.deps, { database: 'crm', policyOf, apply: true, allowLarge: false, graceMs: 0 });
    expect(await stock.held('far')).toHaveLength(1);
    expect(await missing()).toEqual({ copied: [], failed: [] });
  });

  test('neither a backup around a restore nor one that the store would delete by itself is copied', async () => {
    await stock.make(0, { stores: ['near'], trigger: 'pre-restore' });
    const far = stock.store('far');
    const short = { ...far, capabilities: { ...far.capabilities, maxRetentionDays: 1 } };
    const deps = { ...stock.deps, stores: [stock.store('near'), short] };
    expect(await copyNewestMissing(deps, 'crm')).toEqual({ copied: [], failed: [] });
  });

  test('trouble is a warning and a record, tried once per store, and never an error', async () => {
    await stock.make(0, { stores: ['near'] });
    const far = { ...stock.store('far'), put: () => Promise.reject(new StoreError('Store far is full.')) };
    const deps = { ...stock.deps, stores: [stock.store('near'), far] };
    const { copied, failed } = await copyNewestMissing(deps, 'crm');
    expect([copied.length, failed.length]).toEqual([0, 1]);
    expect(stock.warnings.join()).toContain('Store far is full.');
    expect(await copyRecords()).toMatchObject([{ outcome: 'failed' }]);

    const noLedger = {
      ...deps,
      ledger: { ...deps.ledger, read: () => Promise.reject(new StoreError('No.')) },
    };
    expect(await copyNewestMissing(noLedger, 'crm')).toEqual({ copied: [], failed: [] });
  });
});
