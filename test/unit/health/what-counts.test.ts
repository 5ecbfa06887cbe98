import { expect, test } from 'vitest';
import { gatherFacts } from '../../../src/health/facts.ts';
import { type LedgerRecord, preRestoreTrigger } from '../../../src/ledger/record.ts';
import { backup, dayMs, hourMs, iso, noon, restoreTest, verify } from '../../support/status-fixture.ts';

/** Records that look like good news, and are none. */

const factsOf = (records: readonly LedgerRecord[]) => gatherFacts(records, ['crm'], { now: noon })[0]!;
const older = backup(noon - dayMs);
const newer = backup(noon - 2 * hourMs);
const damaged = { reason: 'the archive is damaged', errorKind: 'IntegrityError' as const };

test('what a restore took of its target is not the newest backup', () => {
  const before = backup(noon - hourMs, { trigger: preRestoreTrigger });
  const facts = factsOf([older, before]);
  expect(facts.newestGood?.id).toBe(older.backupId);
  expect(facts.firstGoodAt).toBe(older.result!.snapshotAt);
  expect(factsOf([before])).toMatchObject({ newestGood: null, firstGoodAt: null, storesBehind: [] });
});

test('a check that failed proves nothing readable, however far it came', () => {
  const failed = verify(noon - hourMs, newer, { failed: damaged });
  const far = { ...failed, result: { store: 'bucket', rung: 'readable' as const } };
  expect(factsOf([newer, far]).lastReadableAt).toBeNull();
  expect(factsOf([newer, restoreTest(noon - hourMs, newer, { failed: damaged })]).lastReadableAt).toBeNull();
  expect(factsOf([newer, verify(noon - hourMs, newer)]).lastReadableAt).not.toBeNull();
});

test('a backup whose run is over, and whose snapshot is of a time to come, is not believed', () => {
  const result = { ...newer.result!, snapshotAt: iso(noon + dayMs) };
  const facts = factsOf([older, { ...newer, result }]);
  expect(facts.newestGood?.id).toBe(older.backupId);
  expect(facts.futureDated).toMatchObject({ records: 1 });
});
