import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, test } from 'vitest';
import { compareClocks } from '../../../src/doctor/clock.ts';
import { checkEncryption } from '../../../src/doctor/encryption.ts';
import { examine, type Finding, ok } from '../../../src/doctor/finding.ts';
import { checkLedger, checkLedgerFolder } from '../../../src/doctor/ledger.ts';
import { checkNode } from '../../../src/doctor/node-version.ts';
import { directoryLedger } from '../../../src/ledger/directory.ts';
import { ConfigError, IntegrityError } from '../../../src/lib/errors.ts';

const levels = (findings: readonly Finding[]) => findings.map(({ level }) => level);

test('Node has to be new enough', () => {
  expect(checkNode('24.21.0')).toMatchObject([{ level: 'ok' }]);
  expect(checkNode('22.9.1')).toMatchObject([{ level: 'problem', text: expect.stringContaining('22.9.1') }]);
});

test.each([
  [0, 'ok'],
  [59_000, 'ok'],
  [-61_000, 'warning'],
  [3_500_000, 'warning'],
  [-3_700_000, 'problem'],
])('a clock that is off by %i ms is %s', (offMs, level) => {
  const now = Date.parse('2026-11-22T12:00:00Z');
  expect(levels(compareClocks('GitHub', 'GitHub', now + offMs, now))).toEqual([level]);
});

test('a clock that nobody tells is not judged', () => {
  expect(compareClocks('the CRM', 'the CRM', null, 0)).toEqual([]);
  expect(compareClocks('the CRM', 'the CRM', Number.NaN, 0)).toEqual([]);
});

describe('encryption', () => {
  test('is well with valid recipients and an identity that fits one of them', async () => {
    const [first, second] = [await generateX25519Identity(), await generateX25519Identity()];
    const recipients = [await identityToRecipient(first), await identityToRecipient(second)];
    expect(levels(await checkEncryption(recipients, null))).toEqual(['ok']);
    expect(levels(await checkEncryption(recipients, [second]))).toEqual(['ok', 'ok']);
    const stranger = await generateX25519Identity();
    expect(await checkEncryption(recipients, [stranger])).toMatchObject([
      { level: 'ok' },
      { level: 'problem', text: expect.stringContaining('fits none of the recipients') },
    ]);
    const cut = await checkEncryption(recipients, [first.slice(0, -3)]);
    expect(levels(cut)).toEqual(['ok', 'problem']);
    expect(JSON.stringify(cut)).not.toContain(first.slice(20, -3));
  });

  test('has a problem with each recipient that is not valid, and a warning when it is off', async () => {
    const found = await checkEncryption(['age1nonsense', 'ssh-rsa AAAA'], null);
    expect(levels(found)).toEqual(['problem', 'problem']);
    expect(levels(await checkEncryption(null, null))).toEqual(['warning']);
  });
});

describe('the ledger', () => {
  test('that is not there yet is well; one that is damaged is not', async () => {
    expect(await checkLedger(directoryLedger('/nonexistent/ledger'))).toMatchObject([{ level: 'ok' }]);
    const read = () => Promise.reject(new IntegrityError('Line 3 is damaged.'));
    const found = await examine(
      [{ about: 'ledger', look: () => checkLedger({ read, append: async () => {} }) }],
      () => {},
    );
    expect(found).toMatchObject([{ about: 'ledger', level: 'problem', text: 'Line 3 is damaged.' }]);
  });

  test('in a folder has to be writable, or a folder above it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-doctor-'));
    const check = (path: string, env = {}) => checkLedgerFolder({ ledger: { type: 'directory', path } }, env);
    try {
      expect(levels(await check(join(folder, 'not/yet/there')))).toEqual(['ok']);
      expect(await check(folder, { RUNNER_ENVIRONMENT: 'github-hosted' })).toMatchObject([
        { level: 'problem', text: expect.stringContaining('thrown away') },
      ]);
      // A file where a folder belongs; root may write anywhere, so rights alone would prove nothing here.
      expect(levels(await check(join(process.execPath, 'ledger')))).toEqual(['problem']);
      await chmod(folder, 0o555);
      if (process.getuid?.() !== 0) expect(levels(await check(join(folder, 'ledger')))).toEqual(['problem']);
    } finally {
      await chmod(folder, 0o755);
      await rm(folder, { recursive: true });
    }
  });
});

describe('a check that fails', () => {
  test('is a finding, and the others go on', async () => {
    const error = new ConfigError('HOST refused.', { hint: 'Mend it.', publicReason: 'it was refused' });
    const told: Finding[] = [];
    const found = await examine(
      [
        { about: 'a', look: () => Promise.reject(error) },
        { about: 'b', look: () => Promise.reject(new TypeError('x is not a function')) },
        { about: 'c', look: async () => [ok('c', 'Well.')] },
      ],
      (finding) => told.push(finding),
    );
    expect(found).toEqual(told);
    expect(found[0]).toEqual({
      ...{ about: 'a', level: 'problem', text: 'HOST refused.' },
      ...{ publicText: 'It was refused.', advice: 'Mend it.' },
    });
    expect(found[1]).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('x is not a function'),
    });
    expect(found[2]).toMatchObject({ level: 'ok' });
  });

  test('or never ends, is one too', async () => {
    const found = await examine([{ about: 'a', look: () => new Promise(() => {}) }], () => {}, 20);
    expect(found).toMatchObject([{ level: 'problem', text: 'There was no answer in 1 seconds.' }]);
  });
});
