import { expect, test } from 'vitest';
import type { Receipt } from '../../../src/archive/receipt.ts';
import { missingRecords } from '../../../src/ledger/rebuild.ts';
import { recordSchema } from '../../../src/ledger/record.ts';
import { vouchFor } from '../../../src/ledger/vouch.ts';
import { makeSmallArchive } from '../../support/small-archive.ts';

const { receipt } = await makeSmallArchive();
const [rebuilt] = missingRecords([{ receipt, store: { name: 'disk', kind: 'directory' } }], []);
/** As the run that made it recorded it. */
const made = { ...rebuilt!, id: '0123456789abcdef' };
const otherDigest = `sha256:${'0'.repeat(64)}`;
const swapped: Receipt = { ...receipt, archive: { ...receipt.archive, digest: otherDigest } };

test('the run that made the archive vouches for it', () => {
  expect(vouchFor(receipt, [made])).toBe('vouched');
  expect(vouchFor(receipt, [rebuilt!, made])).toBe('vouched');
});

test('an archive with another digest, content root or database is another one', () => {
  expect(vouchFor(swapped, [made])).toBe('other');
  expect(vouchFor({ ...receipt, contentRoot: otherDigest }, [made])).toBe('other');
  expect(vouchFor({ ...receipt, database: 'billing' }, [made])).toBe('other');
  expect(vouchFor(swapped, [rebuilt!])).toBe('other');
});

test('a line that somebody added does not make another archive the right one, nor does it keep the right one good', () => {
  const copies = made.result!.copies.map((copy) => ({ ...copy, digest: otherDigest }));
  const added = { ...made, id: 'fedcba9876543210', result: { ...made.result!, copies } };
  expect(vouchFor(swapped, [made, added])).toBe('other');
  expect(vouchFor(receipt, [made, added])).toBe('other');
});

test('a record made of the receipt vouches for nothing', () => {
  expect(vouchFor(receipt, [rebuilt!])).toBe('rebuilt');
  expect(vouchFor(receipt, [recordSchema.parse(JSON.parse(JSON.stringify(rebuilt)))])).toBe('rebuilt');
});

test('what no run recorded is not known', () => {
  expect(vouchFor(receipt, [])).toBe('unknown');
  expect(vouchFor(receipt, [{ ...made, backupId: 'crm-20261122T020000Z-aaaa' }])).toBe('unknown');
  const failed = { ...made, outcome: 'failed' as const };
  expect(vouchFor(receipt, [failed])).toBe('unknown');
});
