import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeBackupId, objectKeys } from '../../src/archive/backup-id.ts';
import { backupId } from '../../src/ledger/record.ts';

const at = Date.parse('2026-11-22T02:00:00.999Z');

test('names the database, the second of the snapshot in UTC, and four random letters', () => {
  expect(makeBackupId('crm', at, Uint8Array.of(0, 25, 26, 31))).toBe('crm-20261122T020000Z-az27');
  expect(makeBackupId('crm', at, Uint8Array.of(32, 255, 64, 7, 9, 9))).toBe('crm-20261122T020000Z-a7ah');
});

test('is what a record and a receipt accept, for any name, time and randomness', () => {
  const name = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
  const random = fc.uint8Array({ minLength: 4, maxLength: 8 });
  const moment = fc.integer({ min: 0, max: Date.parse('9999-12-31T23:59:59Z') });
  fc.assert(
    fc.property(name, moment, random, (database, snapshotAt, bytes) => {
      expect(backupId.safeParse(makeBackupId(database, snapshotAt, bytes)).success).toBe(true);
    }),
  );
});

test('sorts by time within a database', () => {
  const ids = [0, 1000, 61_000, 90_000_000, 4e10].map((after) =>
    makeBackupId('crm', at + after, new Uint8Array(4)),
  );
  expect(ids.toSorted()).toEqual(ids);
});

test('the two objects of a backup stand in one folder; the ending says whether it is encrypted', () => {
  const folder = 'crm/crm-20261122T020000Z-az27';
  const id = 'crm-20261122T020000Z-az27';
  expect(objectKeys('crm', id, true)).toEqual({
    archive: `${folder}/archive.tar.age`,
    receipt: `${folder}/receipt.json`,
  });
  expect(objectKeys('crm', id, false).archive).toBe(`${folder}/archive.tar`);
});
