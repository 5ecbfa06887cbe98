import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { decryptWith } from '../../src/archive/age.ts';
import { recipientFingerprint } from '../../src/archive/receipt.ts';
import { backupsOf } from '../../src/health/backups.ts';
import { gatherFacts } from '../../src/health/facts.ts';
import { ConfigError, IntegrityError, SourceError, StoreError } from '../../src/lib/errors.ts';
import { listBackups } from '../../src/store/receipts.ts';
import type { Store } from '../../src/store/store.ts';
import { failureOf, streamOf } from '../support/pieces.ts';
import {
  newIdentity,
  newRecipient,
  oldKeys,
  openRekeyStock,
  type RekeyStock,
} from '../support/rekey-stock.ts';
import { keysOf } from '../support/stock.ts';

/** Backups get new recipients. At no time may there be no whole copy, and nothing may look younger or better than it is. */

let stock: RekeyStock;
let id: string;
beforeEach(async () => {
  stock = await openRekeyStock();
  id = await stock.take(3);
});
afterEach(() => stock[Symbol.asyncDispose]());

const archive = async (of: string, store = 'disk') =>
  buffer(await stock.store(store).get(keysOf(of).archive));
const opened = async (of: string, identity: string) =>
  buffer(streamOf(await archive(of)).pipe(decryptWith([identity])));
const fileOf = (of: string, store = 'disk') => join(stock.folder, store, keysOf(of).archive);
const verbs = async () => (await stock.records()).map(({ verb, outcome }) => `${verb} ${outcome}`);
const receiptOf = async (of: string) =>
  (await listBackups(stock.store('disk'), 'crm')).find((each) => each.id === of)!.receipt!;

test('without apply it says what it would do, and does nothing', async () => {
  const { plan, rekeyed } = await stock.rekey({ apply: false });
  expect(plan).toMatchObject([{ id, action: 'rekey', why: expect.stringMatching(/^is for [0-9a-f]{16}$/) }]);
  expect(rekeyed).toEqual([]);
  expect(await stock.held()).toEqual([id]);
  expect(await verbs()).toEqual(['backup succeeded']);
});

test('the new archive holds the same bytes for other recipients, and the old one goes after it', async () => {
  const before = await opened(id, oldKeys.identity);
  const old = await receiptOf(id);
  const { rekeyed, removed } = await stock.rekey();
  const to = rekeyed[0]!.id;
  expect(rekeyed).toEqual([{ from: id, id: to, stores: ['disk'] }]);
  expect(removed).toEqual([{ store: 'disk', id }]);
  expect(await stock.store('disk').list('crm')).toEqual([keysOf(to).archive, keysOf(to).receipt]);
  expect((await opened(to, newIdentity)).equals(before)).toBe(true);
  expect(await failureOf(opened(to, oldKeys.identity))).toBeInstanceOf(ConfigError);
  expect(await receiptOf(to)).toEqual({
    ...old,
    id: to,
    rekeyedFrom: id,
    recipients: [recipientFingerprint(newRecipient)],
    archive: {
      ...old.archive,
      digest: expect.not.stringMatching(old.archive.digest),
      sizeBytes: expect.any(Number),
    },
  });
  expect(await verbs()).toEqual([
    'backup succeeded',
    'rekey succeeded',
    'verify succeeded',
    'prune succeeded',
  ]);
  expect(stock.warnings).toEqual([]);
});

test('it is as old as it was, and no backup was attempted', async () => {
  const before = gatherFacts(await stock.records(), ['crm'])[0]!;
  const { rekeyed } = await stock.rekey();
  const after = gatherFacts(await stock.records(), ['crm'])[0]!;
  const ages = backupsOf(await stock.records()).map(({ snapshotAt, finishedAt }) => [snapshotAt, finishedAt]);
  expect(ages[0]).toEqual(ages[1]);
  const { newestGood, lastAttempt, firstGoodAt, storesBehind } = after;
  expect(newestGood).toMatchObject({
    id: rekeyed[0]!.id,
    snapshotAt: before.newestGood!.snapshotAt,
    rung: 'readable',
  });
  expect({ lastAttempt, firstGoodAt, storesBehind }).toEqual({
    lastAttempt: before.lastAttempt,
    firstGoodAt: before.firstGoodAt,
    storesBehind: [],
  });
});

test('a second time there is nothing to do, nor when the recipients are the same', async () => {
  await stock.rekey();
  const records = await verbs();
  expect((await stock.rekey()).plan).toMatchObject([{ action: 'current' }]);
  expect(await verbs()).toEqual(records);
  expect((await stock.rekey({ recipients: [newRecipient, newRecipient], identities: [] })).rekeyed).toEqual(
    [],
  );
});

test('a third pair of keys: the manifest still names the first id, and it can be read', async () => {
  await stock.rekey();
  const third = await generateX25519Identity();
  const recipients = [await identityToRecipient(third), newRecipient];
  const { rekeyed } = await stock.rekey({ recipients, identities: [newIdentity, third] });
  expect((await receiptOf(rekeyed[0]!.id)).rekeyedFrom).toBe(id);
  expect(await stock.held()).toEqual([rekeyed[0]!.id]);
});

test('what was not encrypted is now', async () => {
  await stock[Symbol.asyncDispose]();
  stock = await openRekeyStock();
  id = await stock.take(1, { encrypted: false });
  const { rekeyed } = await stock.rekey({ identities: [newIdentity] });
  expect((await opened(rekeyed[0]!.id, newIdentity)).includes('README.txt')).toBe(true);
  expect(await stock.held()).toEqual([rekeyed[0]!.id]);
});

test('an archive that was not encrypted and was changed: nothing but its digest tells', async () => {
  await stock[Symbol.asyncDispose]();
  stock = await openRekeyStock();
  id = await stock.take(1, { encrypted: false });
  const file = fileOf(id).replace('.age', '');
  const bytes = await readFile(file);
  await writeFile(file, bytes.fill(bytes[700]! ^ 1, 700, 701));
  expect(await failureOf(stock.rekey({ identities: [newIdentity] }))).toBeInstanceOf(IntegrityError);
  expect(await stock.held()).toEqual([id]);
});

describe('the old archive stays', () => {
  test('while no identity proves that the new one can be read; then the next run removes it', async () => {
    const { rekeyed, removed } = await stock.rekey({ identities: [oldKeys.identity] });
    expect(removed).toEqual([]);
    expect((await stock.held()).sort()).toEqual([id, rekeyed[0]!.id].sort());
    expect(stock.warnings).toContainEqual(expect.stringContaining('no identity of the new recipients'));
    const next = await stock.rekey({ identities: [newIdentity] });
    expect(next.rekeyed).toEqual([]);
    expect(next.removed).toEqual([{ store: 'disk', id }]);
    expect(await stock.held()).toEqual([rekeyed[0]!.id]);
  });

  test('when it was asked to', async () => {
    const { rekeyed } = await stock.rekey({ keepOld: true });
    expect((await stock.held()).sort()).toEqual([id, rekeyed[0]!.id].sort());
  });

  test('when the new one does not come back as it was written', async () => {
    const [disk] = stock.deps.stores;
    const lying: Store = {
      ...disk!,
      put: async (key, content) => {
        const stored = await disk!.put(key, content);
        if (key.endsWith('.age')) await truncate(join(stock.folder, 'disk', key), stored.sizeBytes - 1);
        return stored;
      },
      size: async (key) => ((await disk!.size(key)) ?? 0) + 1,
    };
    Object.assign(stock.deps, { stores: [lying] });
    expect(await failureOf(stock.rekey())).toBeInstanceOf(IntegrityError);
    Object.assign(stock.deps, { stores: [disk] });
    expect(await stock.held()).toContain(id);
    // The damaged one is no replacement: another is made, and both others go.
    const { rekeyed } = await stock.rekey();
    expect(await stock.held()).toEqual([rekeyed[0]!.id]);
  });

  test('when its store lets nothing go, and the next run tries again', async () => {
    const [disk] = stock.deps.stores;
    const locked: Store = {
      ...disk!,
      capabilities: { ...disk!.capabilities, isImmutable: true },
      remove: () => Promise.reject(new StoreError('locked until 2027')),
    };
    Object.assign(stock.deps, { stores: [locked] });
    const { rekeyed, removed } = await stock.rekey();
    expect(removed).toEqual([]);
    expect(stock.warnings).toContainEqual(expect.stringContaining('still locked'));
    Object.assign(stock.deps, { stores: [disk] });
    expect((await stock.rekey()).removed).toEqual([{ store: 'disk', id }]);
    expect(await stock.held()).toEqual([rekeyed[0]!.id]);
  });
});

describe('nothing is touched', () => {
  afterEach(async () => {
    expect(await stock.held()).toEqual([id]);
    expect(await stock.store('disk').list('crm')).toHaveLength(2);
  });

  test('with the wrong identity', async () => {
    const error = await failureOf(stock.rekey({ identities: [newIdentity] }));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as ConfigError).message).toContain('no identity that was given');
    expect(await verbs()).toEqual(['backup succeeded']);
  });

  test('with none', async () => {
    expect(await failureOf(stock.rekey({ identities: [] }))).toBeInstanceOf(ConfigError);
  });

  test('when encryption is off, or a recipient is none', async () => {
    expect(await failureOf(stock.rekey({ recipients: null }))).toBeInstanceOf(ConfigError);
    expect(await failureOf(stock.rekey({ recipients: ['age1typo'] }))).toBeInstanceOf(ConfigError);
  });

  test.each([
    [
      'changed at its end',
      (bytes: Buffer) => bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte)),
    ],
    ['cut', (bytes: Buffer) => bytes.subarray(0, -20)],
    ['longer', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['empty', () => Buffer.alloc(0)],
  ])('when the archive is %s', async (_, spoil) => {
    await writeFile(fileOf(id), spoil(await archive(id)));
    expect(await failureOf(stock.rekey())).toBeInstanceOf(IntegrityError);
    expect(await stock.records()).toMatchObject([
      { verb: 'backup' },
      { verb: 'rekey', outcome: 'failed', backupId: id },
    ]);
  });

  test('when the ledger knows another archive under this id', async () => {
    const [record] = await stock.records();
    const result = { ...stock.recordOf(id)?.result, ...(record as { result: object }).result };
    await stock.record({
      ...record,
      id: 'ffffffffffffffff',
      result: { ...result, contentRoot: `sha256:${'0'.repeat(64)}` },
    } as never);
    expect(await failureOf(stock.rekey())).toBeInstanceOf(ConfigError);
  });

  test('when the store is full', async () => {
    const [disk] = stock.deps.stores;
    const full: Store = {
      ...disk!,
      put: async (_, content) => {
        for await (const _bytes of content) break;
        throw new StoreError('No space left on the disk.');
      },
    };
    Object.assign(stock.deps, { stores: [full] });
    expect(await failureOf(stock.rekey())).toBeInstanceOf(StoreError);
    Object.assign(stock.deps, { stores: [disk] });
  });

  test('when it is asked to stop', async () => {
    stock.stopping.abort();
    expect(await failureOf(stock.rekey())).toBeInstanceOf(SourceError);
  });
});

test('what the ledger does not know is left, and said', async () => {
  const unknown = await stock.take(5, { recorded: false });
  const error = await failureOf(stock.rekey());
  expect((error as ConfigError).message).toContain(`${unknown}: the ledger does not know it`);
  expect(await stock.held()).toContain(unknown);
  expect(await stock.held()).not.toContain(id);
});
