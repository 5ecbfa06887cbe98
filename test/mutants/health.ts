import { type Mutant, of } from './mutant.ts';

/** Mistakes in what turns the ledger into a verdict. */

const health = ['backups', 'evaluate', 'facts', 'status', 'time-alone', 'what-counts'].map(
  (name) => `test/unit/health/${name}.test.ts`,
);

export const healthMutants: Mutant[] = [
  ...of('src/health/evaluate.ts', health, {
    'if (facts.length === 0) {': 'if (false) {',
    'policy.criticalAfterHours * hourMs;': 'policy.criticalAfterHours * dayMs;',
    'policy.lateAfterHours * hourMs;': 'policy.criticalAfterHours * hourMs;',
    'now > atMs ? whenPassed()': 'now < atMs ? whenPassed()',
    'if (newestGood === null) {': 'if (newestGood === undefined) {',
    "lastRestoreTest.outcome === 'failed'": "lastRestoreTest.outcome !== 'failed'",
    'policy.restoreTestAfterDays * dayMs': 'policy.restoreTestAfterDays * hourMs',
    'policy.verifyAfterDays * dayMs': 'policy.verifyAfterDays * dayMs * 2',
    'Date.parse(at) > now + hourMs': 'Date.parse(at) > now + 1e15',
    'severity(reason.state) > severity(state) ? reason.state : state': 'reason.state',
    '{ good: 0, warning: 1, critical: 2 }': '{ good: 0, warning: 2, critical: 1 }',
    'for (const { state, code, text, since } of eventReasons(facts)) add(state, code, text, since);': '',
    'Math.min(...turningPoints)': 'Math.max(...turningPoints)',
    "add('warning', 'restore-test-never', 'No restore test was ever done.', facts.firstGoodAt);": '',
    '.filter((each) => each !== null).sort()[0]': '.filter((each) => each !== null).sort().at(-1)',
  }),
  ...of('src/health/backups.ts', health, {
    'good: copies.length > 0 && !refuted && !quarantined,': 'good: !refuted && !quarantined,',
    '&& !refuted && !quarantined': '&& !quarantined',
    '!refuted && !quarantined,': '!refuted,',
    "let quarantined = result.anomaly?.verdict === 'quarantine';": 'let quarantined = false;',
    "if (record.verb === 'restore-test') refuted = true;": '',
    "if (record.verb === 'restore-test') refuted = false;": '',
    "if (record.verb === 'accept' && record.outcome === 'succeeded') quarantined = false;": '',
    'held.delete(record.result.store);': '',
    "record.errorKind === 'IntegrityError'": "record.errorKind === 'StoreError'",
    'if (heightOf(rung) >= (damaged.get(store) ?? 0)) damaged.delete(store);': 'damaged.delete(store);',
    'copies = [...held.values()].filter((copy) => !damaged.has(copy.store))': 'copies = [...held.values()]',
    'b.snapshotAt.localeCompare(a.snapshotAt) ||': 'a.snapshotAt.localeCompare(b.snapshotAt) ||',
    'heightOf(b) > heightOf(a) ? b : a': 'b',
  }),
  ...of('src/health/evaluate.ts', health, {
    'lateMs < criticalMs && now <= criticalMs': 'lateMs < criticalMs',
    'reasons.sort((a, b) => severity(b.state) - severity(a.state));': '',
    'policy.databases?.[database] ?? policy': 'policy',
    'facts.lastReadableAt ?? facts.firstGoodAt': 'facts.lastReadableAt',
    '[newestGood?.snapshotAt, lastRestoreTest?.at, readAt]': '[newestGood?.snapshotAt]',
  }),
  ...of('src/health/event-reasons.ts', health, {
    "if (lastAttempt?.outcome === 'failed') {": 'if (false) {',
    "if (unusual.verdict === 'warning') warn": "if (unusual.verdict !== 'warning') warn",
    'if (notOffSiteSince !== null) {': 'if (false) {',
    'if (restoreTestNotRun !== null) {': 'if (false) {',
    "if (lastVerified?.outcome === 'failed') {": 'if (false) {',
    'if (futureDated !== null) {': 'if (false) {',
  }),
  ...of('src/health/facts.ts', health, {
    "(test) => test.outcome === 'succeeded' || test.errorKind === 'IntegrityError',":
      "(test) => test.outcome === 'succeeded',",
    'brief(unresolvedFailure(verifications) ?? verifications.at(-1))': 'brief(verifications.at(-1))',
    'backupsOf(inTime).filter((backup) => isRegularTrigger(backup.trigger))': 'backupsOf(inTime)',
    "if (record.outcome === 'failed' || !(": 'if (!(',
    'newest !== undefined && newest > than ? newest : null': 'newest ?? null',
    '(!failed.result || later.result?.store === failed.result.store)': 'true',
  }),
  ...of('src/health/clock.ts', health, {
    'record.finishedAt > latest ||': '',
    '(taken !== undefined && taken > latest)': 'false',
    '> toleranceMs) misdated.add(id)': '> 1e15) misdated.add(id)',
  }),
  ...of('src/health/stores-behind.ts', health, {
    '.filter((store) => !holding.has(store))': '.filter(() => false)',
    'configured ?? made': 'made',
  }),
];
