import { expect, test } from 'vitest';
import { backupsOf } from '../../../src/health/backups.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import { backup, dayMs, hourMs, iso, noon, restoreTest, verify } from '../../support/status-fixture.ts';

const made = backup(noon - 2 * dayMs);
const broken = { reason: 'the digest differs', errorKind: 'IntegrityError' as const };
const unreachable = { reason: 'the store is down', errorKind: 'StoreError' as const };
const at = (hours: number) => noon - dayMs + hours * hourMs;
const only = (...checks: LedgerRecord[]) => backupsOf([made, ...checks])[0]!;
const stores = (...checks: LedgerRecord[]) => only(...checks).copies.map((copy) => copy.store);

test('a failed attempt is no backup', () => {
  const failed = backup(noon, { failed: { reason: 'no connection', errorKind: 'SourceError' } });
  expect(backupsOf([failed])).toEqual([]);
});

test('the newest snapshot comes first, whatever the order of the records', () => {
  const [older, newer] = [backup(noon - dayMs), backup(noon)];
  expect(backupsOf([older, newer]).map((each) => each.id)).toEqual([newer.backupId, older.backupId]);
});

test('a new backup stands on the lowest rung', () => {
  expect(only()).toMatchObject({
    good: true,
    rung: 'stored',
    reached: [{ rung: 'stored', at: made.finishedAt, runUrl: made.runUrl }],
  });
});

test('checks raise it, and a lower check later does not lower it', () => {
  const known = only(restoreTest(at(2), made), verify(at(1), made), verify(at(3), made, { rung: 'intact' }));
  expect(known.rung).toBe('restored');
  expect(known.reached.map((each) => each.rung)).toEqual(['stored', 'readable', 'restored', 'intact']);
});

test('checks of another backup do not count', () => {
  expect(only(verify(at(1), backup(noon))).rung).toBe('stored');
});

test('damage to one of two copies leaves a good backup with the other', () => {
  const known = only(verify(at(1), made, { store: 'bucket', failed: broken }));
  expect(known.good).toBe(true);
  expect(known.copies.map((copy) => copy.store)).toEqual(['artifact']);
});

test('damage to both copies leaves no good backup', () => {
  const known = only(
    verify(at(1), made, { store: 'bucket', failed: broken }),
    verify(at(2), made, { store: 'artifact', failed: broken }),
  );
  expect(known).toMatchObject({ good: false, copies: [] });
});

test('damage of a copy nobody can name counts for all', () => {
  expect(stores({ ...verify(at(1), made, { failed: broken }), result: null })).toEqual([]);
});

test('a store that could not be reached is not a damaged copy', () => {
  expect(stores(verify(at(1), made, { failed: unreachable }))).toEqual(['bucket', 'artifact']);
});

test('a damaged copy is sound again when the same proof later succeeds, and not by a lesser one', () => {
  const damage = verify(at(1), made, { store: 'bucket', failed: broken });
  expect(stores(damage, verify(at(2), made, { rung: 'stored' }))).toEqual(['artifact']);
  expect(stores(damage, verify(at(2), made, { rung: 'intact' }))).toEqual(['bucket', 'artifact']);
  expect(stores(damage, verify(at(2), made, { store: 'artifact' }))).toEqual(['artifact']);

  const unreadable = { ...damage, result: { store: 'bucket', rung: 'intact' as const } };
  expect(stores(unreadable, verify(at(2), made, { rung: 'intact' }))).toEqual(['artifact']);
  expect(stores(unreadable, verify(at(2), made, { rung: 'readable' }))).toEqual(['bucket', 'artifact']);
});

test('a restore test refutes a backup; only another restore test can restore trust', () => {
  const refuted = restoreTest(at(1), made, { failed: broken });
  expect(only(refuted).good).toBe(false);
  expect(only(refuted, verify(at(2), made)).good).toBe(false);
  const again = only(refuted, restoreTest(at(3), made));
  expect(again).toMatchObject({ good: true, rung: 'restored' });
  expect(again.copies).toHaveLength(2);
  expect(only(refuted, restoreTest(at(3), made), restoreTest(at(4), made, { failed: broken })).good).toBe(
    false,
  );
});

test('a restore test that could not run refutes nothing', () => {
  expect(only(restoreTest(at(1), made, { failed: unreachable })).good).toBe(true);
});

test('the order of records does not matter', () => {
  const records = [
    made,
    restoreTest(at(1), made, { failed: broken }),
    restoreTest(at(2), made),
    verify(at(3), made, { store: 'artifact', failed: broken }),
  ];
  expect(backupsOf(records.toReversed())).toEqual(backupsOf(records));
  expect(backupsOf(records)[0]?.snapshotAt).toBe(iso(noon - 2 * dayMs));
});

const pruned = (hours: number, store: string, changes: Partial<LedgerRecord> = {}) =>
  ({
    ...verify(at(hours), made),
    verb: 'prune',
    backupId: null,
    result: { store, deleted: [made.backupId], kept: 3, freedBytes: 1 },
    ...changes,
  }) as LedgerRecord;
const copied = (hours: number, store: string, failed?: typeof broken) =>
  ({
    ...verify(at(hours), made, failed ? { failed } : {}),
    verb: 'copy',
    result: failed ? null : { from: 'bucket', copy: { ...made.result!.copies[0]!, store } },
  }) as LedgerRecord;

test('a copy that was pruned is gone, and is not damaged; also by a pruning that failed later', () => {
  const known = only(pruned(1, 'artifact'));
  expect(known).toMatchObject({ good: true, stores: ['bucket'], prunedFrom: ['artifact'] });
  expect(stores(pruned(1, 'artifact', { outcome: 'failed', errorKind: 'StoreError' }))).toEqual(['bucket']);
  const gone = only(pruned(1, 'artifact'), pruned(2, 'bucket'));
  expect(gone).toMatchObject({ good: false, copies: [], stores: [], prunedFrom: ['artifact', 'bucket'] });
});

test('a copy that was made later counts, until it is pruned, and again when it is made again', () => {
  expect(only(copied(1, 'cellar')).stores).toEqual(['bucket', 'artifact', 'cellar']);
  expect(stores(copied(1, 'cellar', broken))).toEqual(['bucket', 'artifact']);
  expect(stores(copied(1, 'cellar'), pruned(2, 'cellar'))).toEqual(['bucket', 'artifact']);
  const again = only(pruned(1, 'cellar'), copied(2, 'cellar'));
  expect([again.stores, again.prunedFrom]).toEqual([['bucket', 'artifact', 'cellar'], []]);
  expect(only(pruned(1, 'bucket'), pruned(2, 'artifact'), copied(3, 'bucket')).good).toBe(true);
});

test('a new copy mends damaged bytes, and not what was unreadable with the right bytes', () => {
  const damage = verify(at(1), made, { store: 'artifact', failed: broken });
  expect(stores(damage, copied(2, 'artifact'))).toEqual(['bucket', 'artifact']);
  const unreadable = { ...damage, result: { store: 'artifact', rung: 'intact' as const } };
  expect(stores(unreadable, copied(2, 'artifact'))).toEqual(['bucket']);
  expect(stores(copied(1, 'cellar'), { ...verify(at(2), made, { failed: broken }), result: null })).toEqual(
    [],
  );
});

test('a backup in quarantine is not good until somebody accepts it', () => {
  const anomaly = { verdict: 'quarantine' } as NonNullable<typeof made.result>['anomaly'];
  const doubtful = { ...made, result: { ...made.result!, anomaly } };
  const accept = {
    ...verify(at(1), made),
    verb: 'accept',
    result: { reason: 'we did that' },
  } as LedgerRecord;
  const failed = { ...accept, outcome: 'failed' } as LedgerRecord;
  expect(backupsOf([doubtful])[0]).toMatchObject({ good: false, quarantined: true });
  expect(backupsOf([doubtful, failed])[0]).toMatchObject({ good: false });
  expect(backupsOf([doubtful, accept])[0]).toMatchObject({ good: true, quarantined: false });
});
