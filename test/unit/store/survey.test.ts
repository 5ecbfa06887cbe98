import { afterEach, beforeEach, expect, test } from 'vitest';
import { StoreError } from '../../../src/lib/errors.ts';
import type { Store } from '../../../src/store/store.ts';
import { hasExpired, surveyStores } from '../../../src/store/survey.ts';
import { failureOf } from '../../support/pieces.ts';
import { dayMs, iso, noon } from '../../support/status-fixture.ts';
import { openStock, type Stock } from '../../support/stock.ts';

let stock: Stock;
beforeEach(async () => {
  stock = await openStock(['near', 'far']);
});
afterEach(() => stock[Symbol.asyncDispose]());

const down = new StoreError('Store far is down.');
const unreachable = () => ({ ...stock.store('far'), list: () => Promise.reject(down) });
const survey = async (stores: readonly Store[], promised: { id: string; stores: string[] }[]) => {
  const { backups } = await surveyStores(
    stores,
    'crm',
    promised.map((each) => ({ ...each, snapshotAt: iso(noon - dayMs) })),
    noon,
  );
  return backups.map(({ id, copies, missing }) => ({
    id,
    copies: copies.map(({ store }) => store.name),
    missing: missing.map(({ name }) => name),
  }));
};

test('what is there, and what should be and is not', async () => {
  const [both, one] = [await stock.make(0), await stock.make(1, { stores: ['near'] })];
  const gone = 'crm-20261101T020000Z-k7qa';
  const promised = [
    { id: both, stores: ['near', 'far'] },
    { id: one, stores: ['near', 'far', 'removed'] },
    { id: gone, stores: ['far'] },
  ];
  expect(await survey(stock.deps.stores, promised)).toEqual([
    { id: both, copies: ['near', 'far'], missing: [] },
    { id: one, copies: ['near'], missing: ['far'] },
    { id: gone, copies: [], missing: ['far'] },
  ]);
});

test('nothing is missing in a store that can’t be reached, and it hides nothing of the others', async () => {
  const id = await stock.make(0);
  const stores = [stock.store('near'), unreachable()];
  expect(await survey(stores, [{ id, stores: ['near', 'far'] }])).toEqual([
    { id, copies: ['near'], missing: [] },
  ]);
  expect((await surveyStores(stores, 'crm')).unreachable).toEqual([{ store: stores[1], error: down }]);
  // It is known of, although nobody can say whether it is there.
  expect(await survey([unreachable()], [{ id, stores: ['far'] }])).toEqual([{ id, copies: [], missing: [] }]);
});

test('a store that is no longer configured is asked for nothing', async () => {
  expect(
    await survey([stock.store('near')], [{ id: 'crm-20261101T020000Z-k7qa', stores: ['removed'] }]),
  ).toEqual([]);
});

test('what a store deletes by itself is not missing afterwards', async () => {
  const near = stock.store('near');
  const short = (maxRetentionDays: number) => ({
    ...near,
    capabilities: { ...near.capabilities, maxRetentionDays },
  });
  const promised = [{ id: 'crm-20261121T120000Z-k7qa', stores: ['near'] }];
  expect(await survey([short(1)], promised)).toEqual([]);
  expect(await survey([short(3)], promised)).toHaveLength(1);
  expect(hasExpired({ snapshotAt: iso(0) }, near, noon)).toBe(false);
});

test('a bug of a store is not taken for one that can’t be reached', async () => {
  const bug = new TypeError('undefined is not a function');
  const broken = { ...stock.store('far'), list: () => Promise.reject(bug) };
  expect(await failureOf(surveyStores([broken], 'crm'))).toBe(bug);
});
