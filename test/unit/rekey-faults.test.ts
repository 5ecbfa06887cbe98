import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { objectKeys } from '../../src/archive/backup-id.ts';
import { historyOf } from '../../src/health/anomaly/history.ts';
import { backupsOf, onePerSnapshot } from '../../src/health/backups.ts';
import { vouchFor } from '../../src/ledger/vouch.ts';
import { IntegrityError, StoreError } from '../../src/lib/errors.ts';
import { prune } from '../../src/prune.ts';
import { rebuildLedger } from '../../src/rebuild-ledger.ts';
import type { RekeyResult } from '../../src/rekey.ts';
import type { Candidate } from '../../src/retention/plan.ts';
import { planSnapshots } from '../../src/retention/plan-snapshots.ts';
import { retentionPolicySchema } from '../../src/retention/policy.ts';
import { listBackups } from '../../src/store/receipts.ts';
import type { Store } from '../../src/store/store.ts';
import { verify } from '../../src/verify.ts';
import { failureOf, streamOf } from '../support/pieces.ts';
import { newIdentity, oldKeys, openRekeyStock, type RekeyStock } from '../support/rekey-stock.ts';
import { noon, restoreTest } from '../support/status-fixture.ts';
import { keysOf } from '../support/stock.ts';

/** A change of keys that is cut short, meets another one, or half works; and what retention and history make of it. */

let stock: RekeyStock;
let id: string;
beforeEach(async () => {
  stock = await openRekeyStock(['near', 'far']);
  id = await stock.take(3);
});
afterEach(() => stock[Symbol.asyncDispose]());

const withStore = (name: string, faults: Partial<Store>) => {
  const usual = stock.deps.stores;
  const stores = usual.map((store) => (store.name === name ? { ...store, ...faults } : store));
  Object.assign(stock.deps, { stores });
  return () => Object.assign(stock.deps, { stores: usual });
};
const full = async (): Promise<never> => Promise.reject(new StoreError('No space left.'));

/** Whatever happened: each store ends with one archive of the snapshot, and it can be read to its last row. */
async function expectFinished() {
  const { checked } = await verify(stock.deps, {
    database: 'crm',
    id: 'latest',
    all: true,
    identities: [newIdentity],
  });
  expect(checked.map(({ store, rung }) => [store, rung])).toEqual([
    ['near', 'readable'],
    ['far', 'readable'],
  ]);
  for (const store of ['near', 'far']) expect(await stock.held(store)).toHaveLength(1);
  const known = backupsOf(await stock.records()).filter(({ stores }) => stores.length > 0);
  expect(known).toMatchObject([{ good: true, stores: ['near', 'far'], prunedFrom: [] }]);
  expect((await stock.rekey()).plan.filter(({ action }) => action !== 'current')).toEqual([]);
}

test('a store that was moved away is not told to be clean: nothing is put there, and nothing counts as removed', async () => {
  const away = { list: async () => [], put: full, get: full, remove: full };
  const mend = withStore('far', away);
  const failing = stock.rekey();
  expect(await failureOf(failing)).toMatchObject({
    name: 'IntegrityError',
    message: expect.stringContaining('far does not hold the only backup'),
    rekeyed: { rekeyed: [{ from: id, stores: ['near'] }], removed: [{ store: 'near', id }] },
  });
  const records = await stock.records();
  expect(records.filter(({ verb }) => verb === 'prune')).toMatchObject([{ result: { store: 'near' } }]);
  mend();
  await stock.rekey();
  await expectFinished();
});

test('one store is full: its old archive stays, the next run brings it the new one', async () => {
  const mend = withStore('far', { put: full });
  const { error, rekeyed, removed } = await halfDone();
  expect(error.message).toContain('Store far has no copy');
  expect(rekeyed).toMatchObject([{ stores: ['near'] }]);
  expect(removed).toEqual([{ store: 'near', id }]);
  expect(await stock.held('far')).toEqual([id]);
  mend();
  const next = await stock.rekey();
  expect(next.rekeyed).toEqual([]);
  expect(next.removed).toEqual([{ store: 'far', id }]);
  await expectFinished();
});

test('one store is out of reach: what it holds is left, and that is a failure', async () => {
  const mend = withStore('far', { list: full });
  expect((await halfDone()).rekeyed).toMatchObject([{ stores: ['near'] }]);
  expect(stock.warnings).toContainEqual(expect.stringContaining('What store far holds stays'));
  mend();
  await stock.rekey();
  await expectFinished();
});

/** A run that fails, with what it did all the same. */
async function halfDone() {
  const error = await failureOf(stock.rekey());
  expect(error).toBeInstanceOf(StoreError);
  return { error, ...(error as unknown as { rekeyed: RekeyResult }).rekeyed };
}

test('all stores are out of reach', async () => {
  withStore('far', { list: full });
  withStore('near', { list: full });
  expect(await failureOf(stock.rekey())).toBeInstanceOf(StoreError);
});

test('a damaged copy is passed over for a sound one, and replaced with it', async () => {
  await writeFile(join(stock.folder, 'near', keysOf(id).archive), 'damaged');
  const { rekeyed } = await stock.rekey();
  expect(rekeyed).toMatchObject([{ stores: ['near', 'far'] }]);
  await expectFinished();
});

test.each(['rekey', 'verify', 'prune'])('killed when it was to record %s', async (verb) => {
  const { ledger } = stock.deps;
  const append: typeof ledger.append = async (record) => {
    if (record.verb === verb) throw new Error('killed');
    return ledger.append(record);
  };
  Object.assign(stock.deps, { ledger: { ...ledger, append } });
  await expect(stock.rekey()).rejects.toThrow('killed');
  Object.assign(stock.deps, { ledger });
  // Whatever lies there, the snapshot can be read with one of the keys.
  const { checked } = await verify(stock.deps, {
    database: 'crm',
    id: (await listBackups(stock.store('far'), 'crm')).find(({ receipt }) => receipt?.rekeyedFrom)!.id,
    all: false,
    identities: [oldKeys.identity, newIdentity],
  });
  expect(checked).toMatchObject([{ rung: 'readable' }, { rung: 'readable' }]);
  await stock.rekey();
  await expectFinished();
});

test('killed before the receipt: what lies there is no backup, and pruning clears it away', async () => {
  const other = id.replace(/....$/, 'aaaa');
  await stock.store('near').put(objectKeys('crm', other, true).archive, streamOf(Buffer.from('half')));
  await stock.rekey();
  await expectFinished();
  await prune(stock.deps, {
    database: 'crm',
    policyOf: () => retentionPolicySchema.parse({}),
    apply: true,
    allowLarge: false,
    graceMs: 0,
  });
  expect((await stock.store('near').list('crm')).some((key) => key.includes(other))).toBe(false);
  await expectFinished();
});

test('two runs at once', async () => {
  const [a, b] = await Promise.allSettled([stock.rekey(), stock.rekey()]);
  expect([a.status, b.status]).toContain('fulfilled');
  await stock.rekey();
  await expectFinished();
});

test('what was said of the old backup is said of the new one', async () => {
  await stock.record({ ...(await attempt('hold')), result: { held: true, reason: 'the audit' } } as never);
  await stock.record({ ...(await attempt('accept')), result: { reason: 'meant' } } as never);
  const { rekeyed } = await stock.rekey();
  const about = (await stock.records()).filter(({ backupId }) => backupId === rekeyed[0]!.id);
  expect(about.find(({ verb }) => verb === 'hold')).toMatchObject({
    result: { held: true, reason: 'the audit' },
  });
  expect(about.map(({ verb }) => verb).sort()).toEqual(['accept', 'hold', 'rekey', 'verify', 'verify']);
});

async function attempt(verb: string) {
  const { database, startedAt, finishedAt, durationMs, trigger, ...rest } = (await stock.records())[0]!;
  const time = { startedAt, finishedAt, durationMs, trigger };
  const { version, intendedAt, runUrl, actor, reason, errorKind } = rest;
  const id16 = Buffer.from(stock.deps.randomBytes(8)).toString('hex');
  const about = {
    version,
    id: id16,
    verb,
    database,
    outcome: 'succeeded',
    intendedAt,
    runUrl,
    actor,
    reason,
    errorKind,
  };
  return { ...about, ...time, backupId: id };
}

test('a backup that a restore test refuted is left alone, also its other copies: it must not come out good', async () => {
  const refuted = restoreTest(noon, stock.recordAt(id), {
    failed: { reason: 'x', errorKind: 'IntegrityError' },
  });
  await stock.record(refuted);
  const error = await failureOf(stock.rekey());
  expect(error.message).toContain('a restore test of it failed');
  expect(await stock.held('far')).toEqual([id]);
});

test('a new archive that only its own receipt speaks for is no replacement of one that the ledger vouches for', async () => {
  const { ledger } = stock.deps;
  const append: typeof ledger.append = async (record) => {
    if (record.verb === 'rekey') throw new Error('killed');
    return ledger.append(record);
  };
  Object.assign(stock.deps, { ledger: { ...ledger, append } });
  await expect(stock.rekey()).rejects.toThrow('killed');
  Object.assign(stock.deps, { ledger });
  await rebuildLedger(stock.deps, { databases: ['crm'], discardDamaged: false });
  expect((await stock.rekey()).rekeyed).toMatchObject([{ from: id }]);
  const [copy] = await listBackups(stock.store('near'), 'crm');
  expect(vouchFor(copy!.receipt!, await stock.records())).toBe('vouched');
  await expectFinished();
});

test('a ledger that was made of receipts vouches for the new archive no more than for the old one', async () => {
  await rm(join(stock.folder, 'ledger'), { recursive: true });
  await rebuildLedger(stock.deps, { databases: ['crm'], discardDamaged: false });
  await stock.rekey();
  const [copy] = await listBackups(stock.store('near'), 'crm');
  expect(vouchFor(copy!.receipt!, await stock.records())).toBe('rebuilt');
  await expectFinished();
});

test('both archives in the receipts of a lost ledger are known for one snapshot', async () => {
  const { rekeyed } = await stock.rekey({ keepOld: true });
  await rm(join(stock.folder, 'ledger'), { recursive: true });
  await rebuildLedger(stock.deps, { databases: ['crm'], discardDamaged: false });
  const known = backupsOf(await stock.records());
  expect(known).toHaveLength(2);
  expect(onePerSnapshot(known)).toHaveLength(1);
  expect(historyOf(await stock.records(), 'crm', noon)).toHaveLength(1);
  await stock.rekey();
  expect(await stock.held('near')).toEqual([rekeyed[0]!.id]);
});

test('an archive put under the name of a new one is never taken for it', async () => {
  const other = id.replace(/....$/, 'aaaa');
  const [{ receipt }] = (await listBackups(stock.store('near'), 'crm')) as unknown as [{ receipt: object }];
  const planted = { ...receipt, id: other, rekeyedFrom: id };
  await stock.store('near').put(keysOf(other).archive, streamOf(Buffer.from('of somebody else')));
  await stock.store('near').put(keysOf(other).receipt, streamOf(Buffer.from(JSON.stringify(planted))));
  const { rekeyed } = await stock.rekey();
  expect(rekeyed).toMatchObject([{ from: id }]);
  await expectFinished();
});

test('a receipt that names a backup of another moment is no receipt', async () => {
  const later = 'crm-20270101T000000Z-aaaa';
  const [{ receipt }] = (await listBackups(stock.store('near'), 'crm')) as unknown as [{ receipt: object }];
  const planted = { ...receipt, id: later, rekeyedFrom: id };
  await stock.store('near').put(keysOf(later).receipt, streamOf(Buffer.from(JSON.stringify(planted))));
  const [newest] = await listBackups(stock.store('near'), 'crm');
  expect(newest).toMatchObject({ id: later, receipt: null, problem: expect.stringContaining('rekeyedFrom') });
});

test('the new archive is damaged later: the old one would have been the better one, and health says so', async () => {
  const { rekeyed } = await stock.rekey({ keepOld: true });
  for (const store of ['near', 'far'])
    await writeFile(join(stock.folder, store, keysOf(rekeyed[0]!.id).archive), 'damaged');
  const failed = verify(stock.deps, {
    database: 'crm',
    id: rekeyed[0]!.id,
    all: false,
    identities: [newIdentity],
  });
  expect(await failureOf(failed)).toBeInstanceOf(IntegrityError);
  expect(onePerSnapshot(backupsOf(await stock.records()))).toMatchObject([{ id, good: true }]);
  expect((await stock.rekey()).rekeyed).toMatchObject([{ from: id }]);
  await expectFinished();
});

test('retention counts a snapshot once, and its archives share their fate', () => {
  const day = (age: number, name: string, rekeyedFrom: string | null = null): Candidate => ({
    id: `crm-${age}-${name}`,
    rekeyedFrom,
    snapshotAt: new Date(noon - age * 86_400_000).toISOString(),
    trigger: 'schedule',
    state: 'good',
    rung: rekeyedFrom ? 'readable' : 'stored',
    held: null,
    sizeBytes: 1,
  });
  const ages = [20, 21, 22, 23, 24, 25];
  const backups = ages.flatMap((age) => [day(age, 'old'), day(age, 'new', `crm-${age}-old`)]);
  const policy = {
    ...retentionPolicySchema.parse({}),
    keepLast: 3,
    keepDays: 0,
    keepDaily: 0,
    keepWeekly: 0,
    keepMonthly: 0,
    keepYearly: 0,
    keepVerified: 0,
  };
  const plan = planSnapshots(backups, policy, noon);
  const ages20to22 = ['20-new', '20-old', '21-new', '21-old', '22-new', '22-old'].map(
    (each) => `crm-${each}`,
  );
  expect(plan.keep.map(({ id }) => id).sort()).toEqual(ages20to22);
  expect(plan.delete).toHaveLength(6);
  const held = backups.map((each) => (each.id === 'crm-25-old' ? { ...each, held: 'audit' } : each));
  expect(planSnapshots(held, policy, noon).keep.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['crm-25-new', 'crm-25-old']),
  );
});
