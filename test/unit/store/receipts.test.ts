import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Receipt } from '../../../src/archive/receipt.ts';
import { ConfigError, IntegrityError, StoreError } from '../../../src/lib/errors.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import { findBackups, findCopies } from '../../../src/store/find.ts';
import { listBackups, putReceipt } from '../../../src/store/receipts.ts';
import type { Store } from '../../../src/store/store.ts';
import { failureOf, streamOf } from '../../support/pieces.ts';
import { makeSmallArchive } from '../../support/small-archive.ts';

const { receipt } = await makeSmallArchive();
const next: Receipt = { ...receipt, id: 'crm-20261123T020000Z-k7qb' };
const down = {
  name: 'down',
  list: () => Promise.reject(new StoreError('Store down is down.')),
} as unknown as Store;

let folder: string;
let disk: Store;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-receipts-'));
  disk = directoryStore('disk', folder);
});
afterEach(() => rm(folder, { recursive: true }));

const putText = (id: string, text: string) => disk.put(`crm/${id}/receipt.json`, streamOf(Buffer.from(text)));

test('backups are listed newest first, and only those with a receipt are backups', async () => {
  await putReceipt(disk, receipt);
  await putReceipt(disk, next);
  await disk.put('crm/crm-20261124T020000Z-k7qc/archive.tar.age', streamOf(Buffer.from('half done')));
  await putReceipt(disk, { ...receipt, database: 'crm-2', id: 'crm-2-20261122T020000Z-k7qa' });
  expect((await listBackups(disk, 'crm')).map(({ id }) => id)).toEqual([next.id, receipt.id]);
});

test.each([
  ['cut short', JSON.stringify(next).slice(0, 100)],
  ['empty', ''],
  ['of a later version', JSON.stringify({ ...next, version: 2 })],
  ['with a field too many', JSON.stringify({ ...next, host: 'db.example' })],
  ['of another backup', JSON.stringify(receipt)],
  ['of another database', JSON.stringify({ ...next, database: 'billing' })],
])('a receipt %s is seen and can’t be used', async (_, text) => {
  await putReceipt(disk, receipt);
  await putText(next.id, text);
  const [newest, older] = await listBackups(disk, 'crm');
  expect(newest).toMatchObject({ id: next.id, receipt: null, problem: expect.stringContaining(next.id) });
  expect(older).toMatchObject({ id: receipt.id, receipt, problem: null });

  const error = await failureOf(findCopies([disk], 'crm', 'latest'));
  expect(error).toBeInstanceOf(IntegrityError);
  expect((error as IntegrityError).hint).toContain(receipt.id);
});

test('a damaged receipt in one store does not matter while another has a sound one', async () => {
  await putText(receipt.id, '{');
  const other = directoryStore('other', join(folder, 'other'));
  await putReceipt(other, receipt);
  const copies = await findCopies([disk, other, down], 'crm', 'latest');
  expect(copies.map(({ store }) => store.name)).toEqual(['other']);
});

test('stores that are all down are a store error, not an empty list', async () => {
  expect(await failureOf(findBackups([down, down], 'crm'))).toBeInstanceOf(StoreError);
  expect(await failureOf(findCopies([down, disk], 'crm', 'latest'))).toBeInstanceOf(StoreError);
});

test('an id that is in no store is the user’s mistake, and the newest is named', async () => {
  await putReceipt(disk, receipt);
  const error = await failureOf(findCopies([disk], 'crm', next.id));
  expect(error).toBeInstanceOf(ConfigError);
  expect((error as ConfigError).hint).toContain(receipt.id);
});
