import { type Mutant, of } from './mutant.ts';

/** Mistakes in the chain of a restore: who vouches, what is checked, compared and committed. */

const vouch = ['test/unit/ledger/vouch.test.ts'];
const comparing = ['test/unit/restore-comparison.test.ts'];
const restoring = [
  'test/unit/store/copy.test.ts',
  'test/integration/authenticity.test.ts',
  'test/integration/never-falsely-good.test.ts',
  'test/integration/restore.test.ts',
];

export const restoringMutants: Mutant[] = [
  ...of('src/ledger/vouch.ts', vouch, {
    "if (own.length === 0) return 'unknown';": "if (own.length === 0) return 'vouched';",
    'own.every((record)': 'own.some((record)',
    '!isRebuilt(record)': 'isRebuilt(record)',
    "record.outcome === 'succeeded' &&": '',
    'digest === receipt.archive.digest': 'digest !== null',
    'result.contentRoot === receipt.contentRoot &&': '',
    'record.backupId === receipt.id': 'record.backupId !== null',
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
  ...of('src/restore/refuse-difference.ts', comparing, {
    'if (problems.length === 0) return;': 'return;',
    '...differentSequences.map((name) => `sequence ${name}`),': '',
    '...differentLargeObjects.map((oid) => `large object ${oid}`),': '',
    'each.explanation === null': 'false',
  }),
  ...of('src/restore/compare-tables.ts', comparing, {
    'found?.digest !== table.digest || found.rows !== table.rows': 'found?.rows !== table.rows',
    'result.differentTables.push({ name, expectedRows: 0, actualRows: extra.rows });': '',
  }),
  ...of('src/restore/plan.ts', ['test/integration/restore.test.ts'], {
    'if (major >= manifest.source.serverMajor) return;': 'return;',
    "if (mode === 'new' && !isEmpty) {": 'if (false) {',
  }),
  ...of('src/restore/obstacles.ts', ['test/integration/restore-plan.test.ts'], {
    'if (plan.problems.length === 0) return;': 'return;',
  }),
];
