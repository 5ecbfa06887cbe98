import { describe, expect, test } from 'vitest';
import { evaluate } from '../../../src/health/evaluate.ts';
import { gatherFacts } from '../../../src/health/facts.ts';
import type { Anomaly, BackupRecord, LedgerRecord } from '../../../src/ledger/record.ts';
import {
  accepted,
  backup,
  dayMs,
  goodMonth,
  hourMs,
  iso,
  learning,
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
    unusual: null,
    notOffSiteSince: null,
    futureDated: null,
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

describe('configured stores', () => {
  const stored = (stores: string[], records: LedgerRecord[]) =>
    gatherFacts(records, ['crm'], { storesOf: () => stores })[0]!.storesBehind;

  test('one that was taken out of the configuration is not missed for ever', () => {
    const alone = backup(noon - hourMs, { stores: ['bucket'] });
    expect(factsOf([older, alone]).storesBehind.map((each) => each.store)).toEqual(['artifact']);
    expect(stored(['bucket'], [older, alone])).toEqual([]);
  });

  test('one that never got a copy is missed since the first backup', () => {
    expect(stored(['bucket', 'artifact', 'vault'], [older, newer])).toEqual([
      { store: 'vault', since: older.finishedAt },
    ]);
  });
});

describe('a clock that ran ahead', () => {
  const ahead = backup(noon + 3 * dayMs);
  const at = (records: LedgerRecord[], now: number) => gatherFacts(records, ['crm'], { now });
  const state = (records: LedgerRecord[], now: number) => evaluate(at(records, now), policy, now);

  test('what it dated is not taken for fresh', () => {
    expect(at([ahead], noon)[0]).toMatchObject({
      newestGood: null,
      futureDated: { records: 1, latest: ahead.finishedAt },
    });
    expect(state([ahead], noon).state).toBe('critical');
    expect(state([older, restoreTest(noon - dayMs, older), ahead], noon + dayMs).state).toBe('critical');
  });

  test('a good backup with a sound date turns it into a Warning', () => {
    const tested = restoreTest(noon - hourMs, newer);
    const health = state([newer, tested, ahead], noon);
    expect(health.state).toBe('warning');
    expect(health.reasons.map((reason) => reason.code)).toEqual(['future-dated']);
  });

  test('it does not turn fresh when its day comes, once another record knew of it before', () => {
    const three = noon + 3 * dayMs + hourMs;
    const tested = restoreTest(noon, newer);
    expect(at([newer, ahead, verify(noon + hourMs, ahead)], three)[0]?.newestGood?.id).toBe(newer.backupId);

    const anomaly = { ...learning, datedAhead: [ahead.backupId!] };
    const next = { ...newer, result: { ...newer.result!, anomaly } };
    const facts = at([next, tested, ahead], three);
    expect(facts[0]).toMatchObject({ newestGood: { id: newer.backupId }, futureDated: null });
    expect(evaluate(facts, policy, three).state).toBe('critical');
  });

  test('a check of a time to come proves nothing, and a failed one counts', () => {
    const passed = restoreTest(noon + dayMs, newer);
    expect(at([newer, passed], noon)[0]).toMatchObject({ lastRestoreTest: null, lastReadableAt: null });
    const failed = restoreTest(noon + dayMs, newer, { failed: damaged });
    expect(at([newer, failed], noon)[0]).toMatchObject({ newestGood: null });
  });
});

describe('an unusual backup', () => {
  const finding = {
    series: 'rows' as const,
    rule: 'shrink' as const,
    severity: 'quarantine' as const,
    value: 120,
    median: 48_000,
    expected: [38_400, 72_000] as [number, number],
    z: -49.7,
    n: 14,
    tables: null,
  };
  const judged = (record: BackupRecord, verdict: Anomaly['verdict']): BackupRecord => {
    const anomaly = {
      ...learning,
      verdict,
      n: 14,
      findings: [finding],
      schema: { changed: false, parts: [] },
    };
    return { ...record, result: { ...record.result!, anomaly } };
  };
  const held = judged(newer, 'quarantine');

  test('in quarantine it is not the newest good one, and it says why', () => {
    const facts = factsOf([older, held]);
    expect(facts.newestGood?.id).toBe(older.backupId);
    expect(facts.unusual).toEqual({
      backupId: newer.backupId,
      verdict: 'quarantine',
      what: 'The number of rows is 120, 38,400 to 72,000 was expected (median 48,000 of 14 backups, 49.7 times the usual scatter away).',
      schemaChanged: false,
      since: newer.finishedAt,
    });
  });

  test('once accepted it is good, and nothing is said any more', () => {
    const facts = factsOf([older, held, accepted(noon, held)]);
    expect(facts).toMatchObject({ newestGood: { id: newer.backupId }, unusual: null });
  });

  test('a warning leaves it good; a usual one after it ends the matter', () => {
    const warned = judged(newer, 'warning');
    expect(factsOf([older, warned])).toMatchObject({
      newestGood: { id: newer.backupId },
      unusual: { verdict: 'warning' },
    });
    expect(factsOf([older, warned, backup(noon)]).unusual).toBeNull();
  });

  test('it has been so since the first of those in a row', () => {
    const next = judged(backup(noon - hourMs), 'quarantine');
    expect(factsOf([older, held, next]).unusual?.since).toBe(held.finishedAt);
  });

  test('the day goes on while backups are held back', () => {
    const records = [older, held, judged(backup(noon), 'quarantine')];
    expect(evaluate(gatherFacts(records, ['crm']), policy, noon + hourMs).state).toBe('critical');
  });
});

test('a backup that stays inside its database is told of until one leaves it', () => {
  const inside = {
    ...backup(noon, { failed: unreachable }),
    inDatabase: { at: iso(noon), sizeBytes: 12_000 },
  };
  expect(factsOf([newer, inside]).notOffSiteSince).toBe(iso(noon));
  expect(factsOf([newer, inside, backup(noon + hourMs)]).notOffSiteSince).toBeNull();
  expect(factsOf([inside]).notOffSiteSince).toBe(iso(noon));
});
