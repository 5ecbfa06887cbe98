import { expect, test } from 'vitest';
import type { ConfigError } from '../../../src/lib/errors.ts';
import { type CrmSettings, crmAddress } from '../../../src/source/crm-api/address.ts';
import { madeBackup } from '../../../src/source/crm-api/made-backup.ts';
import { retryAfterMs } from '../../../src/source/crm-api/passing.ts';

/** The shapes of answers that docs/crm-source.md promises to understand, and addresses that are safe to ask. */

const shapes: [unknown, string][] = [
  [{ success: true, backup: { id: 17 } }, '17'],
  [{ id: 17, status: 'completed' }, '17'],
  [{ backupId: 17 }, '17'],
  [{ backup_id: 'clx_1-a' }, 'clx_1-a'],
  [{ status: 'success', data: { _id: 'a1', status: true } }, 'a1'],
  [{ ok: true, data: { backup: { id: 5 } } }, '5'],
  [{ message: 'done', result: { backupId: '5' } }, '5'],
];

test.each(shapes)('the id in %j', (body, id) => {
  expect(madeBackup(body)).toMatchObject({ kind: 'made', backup: { id } });
});

test.each([
  [{ skipped: true, nextAllowedAt: '2026-11-22T03:00:00.000Z' }, '2026-11-22T03:00:00.000Z'],
  [{ success: true, data: { skipped: true, nextAllowedAt: 'soon' } }, null],
])('a skipped one in %j', (body, nextAllowedAt) => {
  expect(madeBackup(body)).toEqual({ kind: 'skipped', nextAllowedAt });
});

test.each([
  { id: 0 },
  { id: -1 },
  { id: 1.5 },
  { id: '../admin' },
  { id: '' },
  { backup: [{ id: 1 }] },
  { success: 'false', data: null },
  'a text',
  null,
])('no id in %j', (body) => {
  expect(() => madeBackup(body)).toThrow(/no id|no JSON object/);
});

const settings: CrmSettings = {
  appUrl: 'https://crm.example/base/',
  apiKey: ' key-of-the-crm\n',
  backupPath: '/api/admin/backup',
  downloadPath: '/api/admin/backup/{id}/file',
  timeoutMs: 1000,
};

test('an address with a path, and a key with the line feed that secrets tend to have', () => {
  const address = crmAddress(settings);
  expect(address.backup.href).toBe('https://crm.example/base/api/admin/backup');
  expect(address.download!('a/b').href).toBe('https://crm.example/base/api/admin/backup/a%2Fb/file');
  expect(address.apiKey).toBe('key-of-the-crm');
  expect(crmAddress({ ...settings, downloadPath: 'off' }).download).toBeNull();
});

test.each<Partial<CrmSettings>>([
  { appUrl: 'http://crm.example' },
  { appUrl: 'ftp://crm.example' },
  { appUrl: 'crm.example' },
  { appUrl: 'https://user:hush@crm.example' },
  { appUrl: 'https://crm.example/?token=hush' },
  { apiKey: ' ' },
  { apiKey: 'hush\nhush' },
  { apiKey: 'hüsh' },
  { downloadPath: '/api/admin/backup/latest' },
])('an address that is refused: %j', (changes) => {
  let error: unknown = null;
  try {
    crmAddress({ ...settings, ...changes });
  } catch (thrown) {
    error = thrown;
  }
  const { name, message, hint } = error as ConfigError;
  expect(name).toBe('ConfigError');
  expect(message).toMatch(/Nothing was read or written/);
  expect(`${message} ${hint}`).not.toMatch(/h[uü]sh/);
});

test('a pause that a server asks for, in seconds or as a date', () => {
  const nowMs = Date.parse('2026-11-22T02:00:00Z');
  const after = (value?: string) => retryAfterMs(new Headers(value ? { 'retry-after': value } : {}), nowMs);
  expect(after('5')).toBe(5000);
  expect(after('Sun, 22 Nov 2026 02:01:00 GMT')).toBe(60_000);
  expect(after('Sun, 22 Nov 2026 01:00:00 GMT')).toBe(0);
  expect([after(), after('soon')]).toEqual([null, null]);
});
