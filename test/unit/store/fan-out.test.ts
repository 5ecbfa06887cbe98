import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/lib/digest.ts';
import { IntegrityError, StoreError } from '../../../src/lib/errors.ts';
import { putEverywhere } from '../../../src/store/fan-out.ts';
import type { Store, StoredObject } from '../../../src/store/store.ts';
import { fakeStore, slowStore, takeAll } from '../../support/fake-store.ts';
import { failureOf, memoryGrowthDuring, streamOf, within } from '../../support/pieces.ts';

const key = 'crm/crm-20261122T020000Z-k7qa/archive.tar.age';
const content = Buffer.from(Uint8Array.from({ length: 5_000_000 }, (_, index) => index * 13));
const down = new StoreError('Store b is down.');

const putAll = (stores: Store[], bytes = streamOf(content, 65_536)) =>
  within(5000, putEverywhere(stores, key, bytes));

test('every store gets the same bytes, a slow one too', async () => {
  const stores = [fakeStore('a'), slowStore('slow'), fakeStore('c')];
  const { sent, outcomes } = await putAll(stores);
  expect(sent).toEqual({ sizeBytes: content.length, digest: digestOf(content) });
  expect(outcomes).toEqual(stores.map((store) => ({ store, error: null })));
  for (const { taken } of stores) expect(taken!.equals(content)).toBe(true);
});

test.each([
  ['at once', 0],
  ['in the middle', 2_000_000],
])('a store that fails %s does not spoil the others', async (_, after) => {
  const failing = fakeStore('b', async (bytes) => {
    let seen = 0;
    for await (const part of after > 0 ? bytes : []) {
      seen += (part as Buffer).length;
      if (seen > after) break;
    }
    throw down;
  });
  const [first, last] = [fakeStore('a'), fakeStore('c')];
  const { outcomes } = await putAll([first, failing, last]);
  expect(outcomes.map(({ error }) => error)).toEqual([null, down, null]);
  for (const { taken } of [first, last]) expect(taken!.equals(content)).toBe(true);
});

test('a store that fails only at the very end has no copy', async () => {
  const failing = fakeStore('b', async (bytes, store) => {
    await takeAll(bytes, store);
    throw down;
  });
  expect((await putAll([failing, fakeStore('a')])).outcomes.map(({ error }) => error)).toEqual([down, null]);
});

test.each<[string, (stored: StoredObject) => StoredObject]>([
  ['a wrong digest', (stored) => ({ ...stored, digest: `sha256:${createHash('sha256').digest('hex')}` })],
  ['a wrong size', (stored) => ({ ...stored, sizeBytes: stored.sizeBytes - 1 })],
])('a store that tells of %s holds no copy', async (_, lie) => {
  const liar = fakeStore('liar', async (bytes, store) => lie(await takeAll(bytes, store)));
  const { outcomes } = await putAll([liar, fakeStore('a')]);
  expect(outcomes[0]!.error).toBeInstanceOf(IntegrityError);
  expect(outcomes[1]!.error).toBeNull();
  expect(await failureOf(putAll([liar]))).toBeInstanceOf(IntegrityError);
});

test('a store that says it is done before it has seen everything holds no copy, and nothing hangs', async () => {
  const claimed = { sizeBytes: content.length, digest: digestOf(content) };
  const hasty = fakeStore('hasty', async () => claimed);
  const { outcomes } = await putAll([hasty, fakeStore('a')]);
  expect(outcomes[0]!.error).toBeInstanceOf(IntegrityError);
  expect(outcomes[1]!.error).toBeNull();
  expect(await failureOf(putAll([hasty]))).toBeInstanceOf(IntegrityError);
  const failing = fakeStore('b', () => Promise.reject(down));
  expect(await failureOf(putAll([hasty, failing]))).toBeInstanceOf(IntegrityError);
});

test('when no store is left, the first one’s reason is told and the source is stopped', async () => {
  const other = new StoreError('Store c is down too.');
  let produced = 0;
  const source = Readable.from(
    (function* () {
      for (; produced < 1000; produced++) yield Buffer.alloc(1 << 20);
    })(),
  );
  const stores = [fakeStore('b', () => Promise.reject(down)), fakeStore('c', () => Promise.reject(other))];
  expect(await failureOf(putAll(stores, source))).toBe(down);
  expect([source.destroyed, produced < 100]).toEqual([true, true]);
});

test('a source that breaks off fails every store, so that none keeps half', async () => {
  const failure = new Error('the database went away');
  for (const sizeBytes of [0, 10, 3_000_000]) {
    const stores = [fakeStore('a'), slowStore('slow')];
    const source = Readable.from(
      (async function* () {
        yield content.subarray(0, sizeBytes);
        throw failure;
      })(),
    );
    expect(await failureOf(putAll(stores, source))).toBe(failure);
    for (const { taken, sawError } of stores) expect([taken, sawError]).toEqual([null, failure]);
  }
});

test('a source that is gone without a word is a failure too', async () => {
  const store = fakeStore('a');
  const source = new PassThrough();
  source.write('half');
  const putting = failureOf(putAll([store], source));
  await setTimeout(10);
  source.destroy();
  expect((await putting).message).not.toContain('hung');
  expect(store.taken).toBeNull();
});

describe('a store that hangs', () => {
  const never = new Promise<never>(() => {});
  const takeUpTo = async (bytes: Readable, limit: number) => {
    let seen = 0;
    for await (const part of bytes) {
      seen += (part as Buffer).length;
      if (seen >= limit) await never;
    }
    return never;
  };
  const putStalling = (stores: Store[], bytes = streamOf(content, 65_536)) =>
    within(5000, putEverywhere(stores, key, bytes, { stallMs: 400 }));

  test.each([
    ['at once', 0],
    ['in the middle', 2_000_000],
    ['after the last byte', Number.POSITIVE_INFINITY],
  ])('%s is given up, and the others are whole', async (_, limit) => {
    const hanging = fakeStore('hanging', (bytes) => (limit === 0 ? never : takeUpTo(bytes, limit)));
    const [first, last] = [fakeStore('a'), slowStore('c')];
    const { outcomes } = await putStalling([first, hanging, last]);
    expect(outcomes.map(({ error }) => error === null)).toEqual([true, false, true]);
    expect(outcomes[1]!.error).toMatchObject({
      name: 'StoreError',
      message: expect.stringContaining('hanging'),
    });
    for (const { taken } of [first, last]) expect(taken!.equals(content)).toBe(true);
  });

  test('and all others too: the backup fails instead of waiting', async () => {
    const hanging = ['b', 'c'].map((name) => fakeStore(name, () => never));
    expect(await failureOf(putStalling(hanging))).toBeInstanceOf(StoreError);
  });

  test('holds nothing up when the source breaks off', async () => {
    const failure = new Error('the database went away');
    const source = Readable.from(
      (async function* () {
        yield content.subarray(0, 100_000);
        throw failure;
      })(),
    );
    const hanging = fakeStore('b', () => never);
    expect(await failureOf(putStalling([hanging, fakeStore('a')], source))).toBe(failure);
  });

  test('a slow one that still takes something now and then is none of them', async () => {
    const slow = fakeStore('slow', (bytes, store) => takeAll(bytes, store, 50));
    const bytes = streamOf(content.subarray(0, 2_500_000), 131_072);
    const { outcomes } = await within(5000, putEverywhere([slow], key, bytes, { stallMs: 600 }));
    expect(outcomes[0]!.error).toBeNull();
  });

  test('what it stores after all is removed', async () => {
    let finish = () => {};
    const late = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const removed: string[] = [];
    const hanging = fakeStore('late', async () => {
      await late;
      return { sizeBytes: content.length, digest: digestOf(content) };
    });
    hanging.remove = async (at) => void removed.push(at);
    const { outcomes } = await putStalling([hanging, fakeStore('a')]);
    expect([outcomes[0]!.error, removed]).toEqual([expect.any(StoreError), []]);
    finish();
    await setTimeout(10);
    expect(removed).toEqual([key]);
  });
});

test('what does not count is removed, and only where this run has put it', async () => {
  const removed: string[] = [];
  const noting = (store: ReturnType<typeof fakeStore>) => {
    store.remove = async () => void removed.push(store.name);
    return store;
  };
  const stores = [
    noting(fakeStore('taken', () => Promise.reject(new StoreError('Store taken already holds it.')))),
    noting(fakeStore('liar', async (bytes, store) => ({ ...(await takeAll(bytes, store)), sizeBytes: 1 }))),
    noting(fakeStore('sound')),
  ];
  await putAll(stores);
  expect(removed).toEqual(['liar']);
});

test('an empty archive is no copy', async () => {
  expect(await failureOf(putAll([fakeStore('a')], Readable.from([])))).toBeInstanceOf(StoreError);
});

test('the pace is that of the slowest store: memory stays flat, and no listeners pile up', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  const block = Buffer.alloc(1 << 20);
  const drain = async (bytes: Readable, pauseMs: number) => {
    for await (const _ of bytes) await setTimeout(pauseMs);
    return { sizeBytes: 96 << 20, digest: '' };
  };
  const stores = [
    fakeStore('slow', (bytes) => drain(bytes, 5)),
    fakeStore('fast', (bytes) => drain(bytes, 0)),
  ];
  const growth = await memoryGrowthDuring(async () => {
    const source = Readable.from(
      (function* () {
        for (let index = 0; index < 96; index++) yield Buffer.from(block);
      })(),
      { highWaterMark: 1 },
    );
    await failureOf(putAll(stores, source));
  });
  process.off('warning', warn);
  expect(warnings).toEqual([]);
  expect(growth / (1 << 20)).toBeLessThan(64);
});
