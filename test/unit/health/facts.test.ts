import { expect, test } from 'vitest';
import { evaluate } from '../../../src/health/evaluate.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import type { LedgerRecord } from '../../../src/ledger/record.ts';
import {
  backup,
  dayMs,
  goodMonth,
  hourMs,
  iso,
  noon,
  policy,
  restoreTest,
  verify,
} from '../../support/status-fixture.ts';

const factsOf = (records: readonly LedgerRecord[]) => gatherFacts(records, ['crm'])[0]!;
const damaged = { reason: 'the digest differs', errorKind: 'IntegrityError' as const };
const unreachable = { reason: 'the store is down', errorKind: 'StoreError' as const };
const older = backup(noon - dayMs);
const newer = backup(noon - 2 * hourMs);

test('a configured database without records is still judged', () => {
  expect(factsOf([])).toEqual({
    database: 'crm',
    newestGood: null,
    firstGoodAt: null,
    lastAttempt: null,
    storesBehind: [],
    lastRestoreTest: null,
    restoreTestNotRun: null,
    lastVerified: null,
    lastReadableAt: null,
  });
});

test('records of other databases do not count', () => {
  expect(factsOf(goodMonth(noon, 'billing')).newestGood).toBeNull();
});

test('an age is that of the snapshot, not of the end of the run', () => {
  const slow = backup(noon - 5 * hourMs, { durationMs: 4 * hourMs });
  expect(factsOf([older, slow]).newestGood).toMatchObject({ snapshotAt: iso(noon - 5 * hourMs) });
  expect(factsOf([older, slow]).firstGoodAt).toBe(older.result?.snapshotAt);
});

test('a refuted backup hands the title to the next older one, and takes it back when it passes', () => {
  const refuted = restoreTest(noon - hourMs, newer, { failed: damaged });
  expect(factsOf([older, newer, refuted]).newestGood?.id).toBe(older.backupId);
  expect(factsOf([older, newer, refuted]).lastRestoreTest).toMatchObject({ outcome: 'failed' });
  const again = factsOf([older, newer, refuted, restoreTest(noon, newer)]);
  expect(again.newestGood).toMatchObject({ id: newer.backupId, rung: 'restored' });
  expect(again.lastRestoreTest).toMatchObject({ outcome: 'succeeded' });
});

test('a restore test that could not run leaves the last verdict standing', () => {
  const passed = restoreTest(noon - hourMs, newer);
  const notRun = restoreTest(noon, newer, { failed: unreachable });
  const facts = factsOf([newer, passed, notRun]);
  expect(facts.lastRestoreTest).toMatchObject({ at: passed.finishedAt, outcome: 'succeeded' });
  expect(facts.restoreTestNotRun).toEqual({ at: notRun.finishedAt, reason: 'the store is down' });
  expect(factsOf([newer, notRun, restoreTest(noon + hourMs, newer)]).restoreTestNotRun).toBeNull();
});

test('only a reading in full counts as one', () => {
  const read = (rung: 'stored' | 'intact' | 'readable') =>
    factsOf([newer, verify(noon, newer, { rung })]).lastReadableAt;
  expect([read('stored'), read('intact')]).toEqual([null, null]);
  expect(read('readable')).toBe(verify(noon, newer).finishedAt);
  const tested = restoreTest(noon, newer);
  expect(factsOf([newer, tested]).lastReadableAt).toBe(tested.finishedAt);
});

test('a failed verification of one copy is not hidden by the sound copy after it', () => {
  const bad = verify(noon - hourMs, older, { store: 'bucket', failed: damaged });
  const sound = verify(noon, older, { store: 'artifact' });
  expect(factsOf([older, newer, bad, sound]).lastVerified).toMatchObject({ outcome: 'failed' });
  const mended = verify(noon + hourMs, newer, { store: 'bucket' });
  expect(factsOf([older, newer, bad, sound, mended]).lastVerified).toMatchObject({ outcome: 'succeeded' });
  const unnamed = { ...bad, result: null };
  expect(factsOf([older, newer, unnamed, sound]).lastVerified).toMatchObject({ outcome: 'succeeded' });
});

test('a store is behind since the first backup that it missed', () => {
  const first = backup(noon - 3 * dayMs);
  const second = backup(noon - 2 * dayMs, { stores: ['bucket'] });
  const third = backup(noon - dayMs, { stores: ['bucket'] });
  expect(factsOf([first, second, third]).storesBehind).toEqual([
    { store: 'artifact', since: second.finishedAt },
  ]);
  expect(factsOf([first, second, third, newer]).storesBehind).toEqual([]);
});

test('a store whose copy was found damaged is behind since then', () => {
  const bad = verify(noon, newer, { store: 'bucket', failed: damaged });
  expect(factsOf([older, newer, bad]).storesBehind).toEqual([{ store: 'bucket', since: bad.finishedAt }]);
  expect(factsOf([older, newer, bad]).newestGood?.id).toBe(newer.backupId);
});

test('a month of good records turns late and then critical by time alone', () => {
  const facts = gatherFacts(goodMonth(), ['crm']);
  const states = [0, 10, 10.001, 14, 14.001].map(
    (hours) => evaluate(facts, policy, noon + hours * hourMs).state,
  );
  expect(states).toEqual(['good', 'good', 'warning', 'warning', 'critical']);
});
