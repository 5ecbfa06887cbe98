import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { anomalyPolicySchema } from '../../../src/health/anomaly/policy.ts';
import { ConfigError } from '../../../src/lib/errors.ts';
import { load, minimal, refusal } from '../../support/config-file.ts';

describe('the minimal configuration', () => {
  test('has a default for everything else, and paths beside the file', () => {
    const { config, folder } = load(minimal);
    expect(config).toEqual({
      databases: {
        crm: {
          source: 'postgres',
          url: '${DATABASE_URL}',
          'exclude-rows': [],
          'max-connections': 2,
          'lock-timeout': 60_000,
        },
      },
      stores: { disk: { type: 'directory', path: join(folder, 'backups') } },
      encryption: 'off',
      ledger: { type: 'directory', path: join(folder, '.holdfast/ledger') },
      health: { lateAfterHours: 20, criticalAfterHours: 24, restoreTestAfterDays: 35, verifyAfterDays: 8 },
      retention: {
        keepLast: 20,
        keepDays: 30,
        keepDaily: 0,
        keepWeekly: 0,
        keepMonthly: 0,
        keepYearly: 0,
        keepVerified: 3,
      },
      anomalies: anomalyPolicySchema.parse({}),
      alerts: { issue: true },
      publish: { details: 'none', locale: 'en' },
      folder,
    });
  });

  test('leaves absolute paths as they are, and takes every threshold', () => {
    const { config } = load(
      `${minimal.replace('path: backups', 'path: /mnt/backups')}
health: { late-after: 90m, critical-after: 1.5d, restore-test-after: 48h, verify-after: 3d }`,
    );
    expect(config.stores['disk']).toEqual({ type: 'directory', path: '/mnt/backups' });
    expect(config.health).toEqual({
      lateAfterHours: 1.5,
      criticalAfterHours: 36,
      restoreTestAfterDays: 2,
      verifyAfterDays: 3,
    });
  });
});

describe('encryption', () => {
  test('left out is refused, and the hint says how to have it or not', () => {
    const error = refusal(minimal.replace('encryption: off', ''));
    expect(error.message).toContain('names no recipient');
    expect(error.hint).toMatch(/keygen.*encryption: off/s);
    for (const nothing of ['', '\n', '# only a comment', '[]', 'text'])
      expect(refusal(nothing).message).toContain('names no recipient');
  });

  test.each(['off', 'false', '"off"', "'off'"])('%s is off', (word) => {
    expect(load(minimal.replace('encryption: off', `encryption: ${word}`)).config.encryption).toBe('off');
  });

  test.each([
    'on',
    'true',
    'no',
    '',
    '~',
    '{}',
    '{recipients: []}',
    '{recipients: age1abc}',
    '[age1abc]',
    '0',
  ])('"%s" is neither off nor recipients', (word) => {
    expect(refusal(minimal.replace('encryption: off', `encryption: ${word}`)).message).toContain(
      'encryption',
    );
  });

  test('recipients are taken as they are', () => {
    const { config } = load(minimal.replace('off', '{recipients: [age1abc, age1pq1def]}'));
    expect(config.encryption).toEqual({ recipients: ['age1abc', 'age1pq1def'] });
  });
});

describe('what is refused says where, and what was meant', () => {
  test.each([
    ['storage: {}', 'unknown field "storage". Did you mean "stores"?'],
    ['helth: {}', 'unknown field "helth". Did you mean "health"?'],
    ['xyzzyplugh: 1', 'Known are: databases, stores, encryption, ledger, health, '],
    ['health: { late-afer: 20h }', 'unknown field "late-afer" in health. Did you mean "late-after"?'],
    ['health: { LATE-AFTER: 20h }', 'Did you mean "late-after"?'],
    ['ledger: { type: directory, pth: x }', 'unknown field "pth" in ledger. Did you mean "path"?'],
    ['__proto__: { a: 1 }', 'unknown field "__proto__"'],
  ])('%s at the end', (line, message) => {
    expect(refusal(`${minimal}${line}\n`).message).toContain(message);
  });

  test.each([
    ['url:', 'uri:', 'unknown field "uri" in databases.crm. Did you mean "url"?'],
    ['url:', 'max_connections: 2\n    url:', 'Did you mean "max-connections"?'],
    ['path:', 'paht:', 'unknown field "paht" in stores.disk. Did you mean "path"?'],
    [
      'encryption: off',
      'encryption: { recipient: [age1] }',
      '"recipient" in encryption. Did you mean "recipients"?',
    ],
    ['  crm:', '  CRM:', 'databases.CRM: a name has lower-case letters'],
    ['  disk:', '  my_disk:', 'stores.my_disk: a name has lower-case letters'],
    ['type: directory', 'type: floppy', 'stores.disk.type is one of directory, s3, artifact. Nothing'],
    ['type: directory', 'type: dir', 'directory, s3, artifact. Did you mean "directory"?'],
    ['    type: directory\n', '', 'stores.disk.type is one of directory, s3, artifact.'],
    [
      'encryption: off',
      'encryption: off\nledger: { type: gihub }',
      'ledger.type is one of directory, github. Did you mean "github"?',
    ],
    [
      'url:',
      'source: crm\n    url:',
      'databases.crm.source is one of crm-api, postgres. Did you mean "crm-api"?',
    ],
    ['path: backups', 'path: ""', 'stores.disk.path'],
    ['    url: ${DATABASE_URL}', '', 'databases.crm'],
    ['url: ${DATABASE_URL}', 'max-connections: 99\n    url: x', 'databases.crm.max-connections'],
    ['url: ${DATABASE_URL}', 'exclude-rows: a.b\n    url: x', 'databases.crm.exclude-rows'],
    ['stores:', 'stores: {}\nstore:', 'unknown field "store"'],
    ['encryption: off', 'encryption: off\nhealth: { late-after: 0h }', 'health.late-after'],
  ])('%s written as %s', (from, to, message) => {
    expect(refusal(minimal.replace(from, to)).message).toContain(message);
  });

  test('no database and no store', () => {
    expect(refusal('databases: {}\nstores: {}\nencryption: off').message).toContain(
      'databases: at least one',
    );
    expect(refusal(minimal.replace(/stores:.*path: backups/s, 'stores: {}')).message).toContain(
      'at least one store',
    );
  });

  test('a file that is missing or no file', () => {
    for (const file of ['/nonexistent/holdfast.yml', '/'])
      expect(() => loadConfig(file)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
    expect(() => loadConfig('/nonexistent/holdfast.yml')).toThrow(ConfigError);
  });
});
