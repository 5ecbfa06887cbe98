/**
 * Mistakes that somebody could make in the rooms that decide: each is one change of one file, and must make one of the
 * tests named beside it fail. `find` must be in the file exactly once.
 */

export interface Mutant {
  file: string;
  find: string;
  replace: string;
  /** Test files that must notice, as vitest filters. */
  tests: string[];
}

const health = ['backups', 'evaluate', 'facts', 'status', 'time-alone'].map(
  (name) => `test/unit/health/${name}.test.ts`,
);
const retention = ['test/unit/retention/'];
const vouch = ['test/unit/ledger/vouch.test.ts'];
const archive = ['test/unit/archive/'];
const restoring = [
  'test/unit/store/copy.test.ts',
  'test/integration/authenticity.test.ts',
  'test/integration/never-falsely-good.test.ts',
  'test/integration/restore.test.ts',
];

function of(file: string, tests: string[], changes: Record<string, string>): Mutant[] {
  return Object.entries(changes).map(([find, replace]) => ({ file, find, replace, tests }));
}

export const mutants: Mutant[] = [
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
  ...of('src/retention/plan.ts', retention, {
    "backup.state === 'good' && isRegularTrigger(backup.trigger)": 'isRegularTrigger(backup.trigger)',
    "(backup) => backup.state === 'good' && isRegularTrigger(backup.trigger)":
      "(backup) => backup.state === 'good'",
    "keep(counted.slice(0, 1), 'the newest good backup');": '',
    'counted.slice(0, policy.keepLast)': 'counted.slice(1, policy.keepLast)',
    '< days * dayMs)': '<= -days * dayMs)',
    'keep(verified.slice(0, policy.keepVerified),': 'keep(verified.slice(0, 0),',
    "keep([counted.find(({ rung }) => rung === 'restored')], 'the newest that a restore test restored');": '',
    'if (backup.held !== null)': 'if (backup.held === undefined)',
    "if (!counted[0]) keep([backup], 'there is no good backup');\n    else if": 'if (counted[0]) if',
    'backup.snapshotAt >= counted[0].snapshotAt': 'backup.snapshotAt < counted[0].snapshotAt',
    'Math.max(keepDays, graceDays)': 'keepDays',
    '      .reverse(),': '      ,',
    "newestOfPeriods(counted, 'month', policy.keepMonthly)":
      "newestOfPeriods(counted, 'year', policy.keepMonthly)",
    'b.snapshotAt.localeCompare(a.snapshotAt) || b.id': 'a.snapshotAt.localeCompare(b.snapshotAt) || b.id',
  }),
  ...of('src/retention/delete-backups.ts', retention, {
    'for (const key of keys.filter(isReceipt)) await store.remove(key);': '',
    'if (keys.some(isReceipt)) continue;': '',
    'if (signal.aborted) throw interrupted();\n    const keys = await store.list(`${database}/${id}`);\n    try {\n      for':
      'const keys = await store.list(`${database}/${id}`);\n    try {\n      for',
    'done.deleted.push(id);\n      await removeAll': 'await removeAll',
  }),
  ...of('src/ledger/vouch.ts', vouch, {
    "if (own.length === 0) return 'unknown';": "if (own.length === 0) return 'vouched';",
    'own.every((record)': 'own.some((record)',
    '!isRebuilt(record)': 'isRebuilt(record)',
    "record.outcome === 'succeeded' && ": '',
    'digest === receipt.archive.digest': 'digest !== null',
    'result.contentRoot === receipt.contentRoot &&': '',
    'record.backupId === receipt.id': 'record.backupId !== null',
  }),
  ...of('src/archive/read-dump.ts', archive, {
    'if (names.has(entry.name)) throw damaged(`entry ${entry.name} comes twice`);': '',
    "if (!manifestEntry) throw damaged('it ends before its manifest');": '',
    'if (lacking) throw damaged(`entry ${lacking} is missing`);': '',
    'rows.compare(manifest);': '',
    'streams?.finish();': '',
    'if (found.digest !== expected.digest) throw damaged(': 'if (false) throw damaged(',
    'contentRoot(manifest) === manifest.contentRoot': 'true',
    'if (entry.digest !== receipt.manifestDigest) throw damaged(': 'if (false) throw damaged(',
    'if (options.entries && (promised?.name !== entry.name || promised.digest !== entry.digest))':
      'if (false)',
  }),
  ...of('src/archive/reader.ts', archive, {
    'if (bytesRead.digest() !== digest)': 'if (false)',
    'if (bytesRead.sizeBytes !== sizeBytes)': 'if (false)',
    "if (type !== 'file' || !expectedNames.test(name))": 'if (!expectedNames.test(name))',
    '|| !expectedNames.test(name))': ')',
    'if (sizeBytes > limit) throw': 'if (false) throw',
  }),
  ...of('src/store/s3-download.ts', ['test/contract/s3-given-up.test.ts'], {
    "(answer.Body as Readable).on('error', () => {});": '',
  }),
  ...of('src/vouched.ts', restoring, {
    'if (!trustArchive) throw other': 'if (false) throw other',
    "({ vouching }) => vouching === 'vouched'": '() => true',
  }),
  ...of('src/restore-test.ts', restoring, {
    "if (vouching === 'other') throw anotherArchive(copy);": '',
    '{ receipt, identities, entries }': '{ receipt, identities }',
  }),
  ...of('src/restore.ts', restoring, {
    'openDump(deps, copy, identities, checked.manifest.entries)': 'openDump(deps, copy, identities)',
    'if (!(await options.confirm(plan))) return { plan, done: null };': 'await options.confirm(plan);',
    'excludeRows: [], database': 'database',
  }),
  ...of('src/restore/apply.ts', restoring, {
    "await client.query('BEGIN');": '',
  }),
  ...of('src/verify.ts', restoring, {
    'refuseOther(copy, records);': '',
    'if (sizeBytes !== receipt.archive.sizeBytes)': 'if (false)',
    'if (measured.digest() !== receipt.archive.digest)': 'if (false)',
  }),
];
