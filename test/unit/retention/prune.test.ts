import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hold } from '../../../src/hold.ts';
import { ConfigError, SourceError, StoreError } from '../../../src/lib/errors.ts';
import { type PruneOptions, prune } from '../../../src/prune.ts';
import type { RetentionPolicy } from '../../../src/retention/policy.ts';
import type { Store } from '../../../src/store/store.ts';
import { verify } from '../../../src/verify.ts';
import { failureOf, streamOf } from '../../support/pieces.ts';
import { nothing } from '../../support/retention.ts';
import { dayMs, iso, noon } from '../../support/status-fixture.ts';
import { archiveBytes, keysOf, openStock, type Stock } from '../../support/stock.ts';

let stock: Stock;
let ids: string[];
beforeEach(async () => {
  stock = await openStock();
  ids = await stock.makeDaily(6);
});
afterEach(() => stock[Symbol.asyncDispose]());

const run = (rules: Partial<RetentionPolicy>, options: Partial<PruneOptions> = {}, stores?: Store[]) =>
  prune(
    { ...stock.deps, stores: stores ?? stock.deps.stores },
    {
      database: 'crm',
      policyOf: () => ({ ...nothing, ...rules }),
      apply: true,
      allowLarge: false,
      graceMs: 0,
      ...options,
    },
  );
const prunings = async () => (await stock.records()).filter((record) => record.verb === 'prune');

/** The store, with some calls of `remove` failing or stopping everything. */
function withRemove(store: Store, before: (key: string, nth: number) => void, isImmutable = false): Store {
  let nth = 0;
  return {
    ...store,
    capabilities: { ...store.capabilities, isImmutable },
    remove: async (key) => {
      before(key, nth++);
      await store.remove(key);
    },
  };
}
const down = new StoreError('Store disk could not be changed: it is read-only.', {
  publicReason: 'read-only',
});

test('it only plans unless told, and records nothing', async () => {
  const shown: string[] = [];
  const [result] = await run(
    { keepLast: 4 },
    { apply: false, onPlan: ({ store }) => shown.push(store.name) },
  );
  expect(result!.plan.delete.map(({ id }) => id)).toEqual([ids[5], ids[4]]);
  expect([result!.deleted, shown]).toEqual([[], ['disk']]);
  expect(await stock.held()).toEqual(ids);
  expect(await prunings()).toEqual([]);
});

test('it deletes what the plan says, oldest first, shows it before, and records it', async () => {
  const events: string[] = [];
  const watched = withRemove(stock.store('disk'), () => events.push('removed'));
  const [result] = await run({ keepLast: 4 }, { onPlan: () => events.push('shown') }, [watched]);
  expect(events).toEqual(['shown', 'removed', 'removed', 'removed', 'removed']);
  expect(result).toMatchObject({
    deleted: [ids[5], ids[4]],
    freedBytes: 2 * archiveBytes.length,
    problem: null,
  });
  expect(await stock.held()).toEqual(ids.slice(0, 4));
  expect(await stock.store('disk').list('crm')).toHaveLength(8);
  expect(await prunings()).toMatchObject([
    {
      outcome: 'succeeded',
      result: { store: 'disk', deleted: [ids[5], ids[4]], kept: 4, freedBytes: 2 * archiveBytes.length },
    },
  ]);
});

test('what was pruned is not missing afterwards, and pruning again deletes nothing', async () => {
  await run({ keepLast: 4 });
  const { checked } = await verify(stock.deps, { database: 'crm', id: '', all: true, identities: null });
  expect(checked.map(({ id, problem }) => [id, problem])).toEqual(ids.slice(0, 4).map((id) => [id, null]));
  expect((await run({ keepLast: 4 }))[0]).toMatchObject({ deleted: [], refusals: [] });
});

test('a hold keeps a backup until it is released', async () => {
  const about = { database: 'crm', id: ids[5]!, reason: 'the auditors asked' };
  await hold(stock.deps, { ...about, held: true });
  await run({ keepLast: 4 });
  expect(await stock.held()).toEqual([...ids.slice(0, 4), ids[5]]);
  await hold(stock.deps, { ...about, held: false });
  await run({ keepLast: 4 });
  expect(await stock.held()).toEqual(ids.slice(0, 4));
});

test('a hold says what is wrong, and an unknown backup can’t be held', async () => {
  const at = (id: string, held: boolean, reason = 'for the audit') =>
    failureOf(hold(stock.deps, { database: 'crm', id, held, reason }));
  expect(await at('crm-20200101T020000Z-k7qa', true)).toBeInstanceOf(ConfigError);
  expect((await at(ids[1]!, false)).message).toContain('is not held');
  for (const reason of ['', '  ', 'two\nlines', 'x'.repeat(201)])
    expect((await at(ids[1]!, true, reason)).message).toContain('one line');
  expect((await stock.records()).filter(({ outcome }) => outcome === 'failed')).toHaveLength(6);
});

test('a refusal deletes nothing, says why, and is recorded', async () => {
  const error = await failureOf(run({ keepLast: 1 }));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.message).toContain('Nothing was deleted from store disk. It would delete 5 of 6');
  expect((error as ConfigError).hint).toContain('--allow-large');
  expect(await stock.held()).toEqual(ids);
  expect(await prunings()).toMatchObject([
    { outcome: 'failed', reason: 'pruning was refused: too-many', result: { deleted: [], kept: 6 } },
  ]);
  await run({ keepLast: 1 }, { allowLarge: true });
  expect(await stock.held()).toEqual([ids[0]]);
});

test('a store that was emptied, or is not mounted, is not taken for one that was pruned', async () => {
  for (const id of ids) for (const key of Object.values(keysOf(id))) await stock.store('disk').remove(key);
  expect((await failureOf(run({ keepLast: 4 }))).message).toContain('lacks 4 that it should have');
});

test('the policy is that of each store, and one refusing store keeps none of the others from its turn', async () => {
  await using two = await openStock(['near', 'far']);
  const made = await two.makeDaily(6);
  const policyOf = ({ name }: Store) => ({ ...nothing, keepLast: name === 'near' ? 1 : 4 });
  const pruning = prune(two.deps, { database: 'crm', policyOf, apply: true, allowLarge: false, graceMs: 0 });
  expect((await failureOf(pruning)).message).toContain('store near');
  expect(await two.held('near')).toEqual(made);
  expect(await two.held('far')).toEqual(made.slice(0, 4));
});

describe('killed, stopped or failing', () => {
  test('the receipt goes first; what had been deleted is recorded, and the next run ends it', async () => {
    const removed: string[] = [];
    const failing = withRemove(stock.store('disk'), (key, nth) => {
      if (nth === 3) throw down;
      removed.push(key);
    });
    expect(await failureOf(run({ keepLast: 3 }, {}, [failing]))).toBe(down);
    const [oldest, next] = [keysOf(ids[5]!), keysOf(ids[4]!)];
    expect(removed).toEqual([oldest.receipt, oldest.archive, next.receipt]);
    expect(await prunings()).toMatchObject([
      { outcome: 'failed', reason: 'read-only', result: { deleted: [ids[5], ids[4]], kept: 4 } },
    ]);
    expect(await stock.store('disk').size(next.archive)).toBe(archiveBytes.length);

    const [result] = await run({ keepLast: 3 });
    expect(result).toMatchObject({ deleted: [ids[3]], leftovers: [{ id: ids[4] }] });
    expect(await stock.store('disk').list('crm')).toHaveLength(6);
  });

  test.each([1, 2, 3, 4, 5])(
    'killed without a word after %s removals, it is ended by the next run',
    async (after) => {
      const disk = stock.store('disk');
      const keys = [ids[5]!, ids[4]!, ids[3]!].flatMap((id) => [keysOf(id).receipt, keysOf(id).archive]);
      for (const key of keys.slice(0, after)) await disk.remove(key);
      const [result] = await run({ keepLast: 3 });
      expect(result!.deleted.toSorted()).toEqual(ids.slice(3).toSorted());
      expect(await disk.list('crm')).toHaveLength(6);
      expect((await run({ keepLast: 3 }))[0]).toMatchObject({ deleted: [], leftovers: [] });
      const { checked } = await verify(stock.deps, { database: 'crm', id: '', all: true, identities: null });
      expect(checked).toHaveLength(3);
    },
  );

  test('asked to stop, it stops between two backups and records what is gone', async () => {
    const stopping = withRemove(stock.store('disk'), (_, nth) => {
      if (nth === 1) stock.stopping.abort();
    });
    expect(await failureOf(run({ keepLast: 3 }, {}, [stopping]))).toBeInstanceOf(SourceError);
    expect(await prunings()).toMatchObject([{ outcome: 'failed', result: { deleted: [ids[5]] } }]);
  });

  test('what object lock holds is said, and the rest is deleted', async () => {
    const locked = withRemove(
      stock.store('disk'),
      (key) => {
        if (key.includes(ids[4]!)) throw down;
      },
      true,
    );
    const [result] = await run({ keepLast: 3 }, {}, [locked]);
    expect(result).toMatchObject({ deleted: [ids[5], ids[3]], locked: [ids[4]], problem: null });
    expect(result!.notes.join(' ')).toMatch(/Object lock.*1 are still locked/);
    expect(await prunings()).toMatchObject([{ result: { deleted: [ids[5], ids[3]], kept: 4 } }]);
  });
});

describe('an archive without a receipt', () => {
  const idAt = (ageDays: number) => `crm-${iso(noon - ageDays * dayMs).replace(/[-:]|\.\d+/g, '')}-zzzz`;
  const leave = async (id: string) => {
    await stock.store('disk').put(keysOf(id).archive, streamOf(archiveBytes));
    return () => stock.store('disk').size(keysOf(id).archive);
  };

  test('is cleared away when it never got one', async () => {
    const size = await leave(idAt(1.5));
    expect((await run({ keepLast: 6 }))[0]).toMatchObject({ deleted: [], freedBytes: archiveBytes.length });
    expect(await size()).toBeNull();
  });

  test('stays while a run may still be writing it', async () => {
    const size = await leave(idAt(0.9));
    await run({ keepLast: 6 });
    expect(await size()).toBe(archiveBytes.length);
  });

  test('stays when its receipt came while it waited', async () => {
    const id = await stock.make(10);
    const disk = stock.store('disk');
    await disk.remove(keysOf(id).receipt);
    let listings = 0;
    const slow: Store = {
      ...disk,
      list: async (folder) => {
        const keys = await disk.list(folder);
        listings += 1;
        return listings <= 2 ? keys : [...keys, keysOf(id).receipt];
      },
    };
    const [result] = await run({ keepLast: 6 }, {}, [slow]);
    expect(result).toMatchObject({ deleted: [], leftovers: [{ id }] });
    expect(await disk.size(keysOf(id).archive)).toBe(archiveBytes.length);
  });

  test('stays when no rule would delete it: its receipt was lost, and the archive may be of use', async () => {
    await stock.store('disk').remove(keysOf(ids[2]!).receipt);
    expect((await run({ keepLast: 6 }))[0]!.leftovers).toEqual([]);
    expect(await stock.store('disk').size(keysOf(ids[2]!).archive)).toBe(archiveBytes.length);
  });

  test('stays without a ledger to tell what it is', async () => {
    const size = await leave(idAt(30));
    const deps = { ...stock.deps, ledger: { ...stock.deps.ledger, read: async () => null } };
    const policyOf = () => ({ ...nothing, keepLast: 6 });
    await prune(deps, { database: 'crm', policyOf, apply: true, allowLarge: false, graceMs: 0 });
    expect(await size()).toBe(archiveBytes.length);
  });
});
