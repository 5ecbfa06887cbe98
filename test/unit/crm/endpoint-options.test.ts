import { describe, expect, test } from 'vitest';
import { authenticate } from '../../../src/crm/authenticate.ts';
import { backupsColumns } from '../../../src/crm/backups-table.ts';
import { type EndpointOptions, settingsOf } from '../../../src/crm/options.ts';
import { RateLimit } from '../../../src/crm/rate-limit.ts';
import { plainWord, statusWords, typeWords, wordFor } from '../../../src/crm/words.ts';
import { missionBackupsColumns } from '../../../src/source/postgres/catalog.ts';

const noPool = {
  connect: () => Promise.reject(new Error('not asked for')),
} as unknown as EndpointOptions['pool'];
const key = '0123456789abcdef';
const with_ = (given: string | null) =>
  new Request('http://crm.test/', given === null ? {} : { headers: { 'x-api-key': given } });

describe('the key', () => {
  const keys = [key, 'fedcba9876543210'];
  test('which one it is', () => {
    expect(keys.map((each) => authenticate(with_(each), keys))).toEqual([0, 1]);
  });
  test.each([
    null,
    '',
    key.slice(1),
    `${key}0`,
    key.toUpperCase(),
    `${keys[0]},${keys[1]}`,
    'ключ'.normalize(),
  ])('%j is none of them', (given) => {
    const request = given !== null && /[^\x20-\x7e]/.test(given) ? with_(encodeURI(given)) : with_(given);
    expect(() => authenticate(request, keys)).toThrow(/missing or wrong/);
  });
  test('the answer does not tell a missing one from a wrong one', () => {
    const messageOf = (given: string | null) => {
      try {
        authenticate(with_(given), keys);
      } catch (error) {
        return JSON.stringify(error) + String(error);
      }
    };
    expect(messageOf(null)).toBe(messageOf('wrong'));
    expect(messageOf(null)).toBeDefined();
  });
  test('short ones are not taken from the options', () => {
    expect(settingsOf({ pool: noPool, apiKey: ['short', key] }).keys).toEqual([key]);
    expect(settingsOf({ pool: noPool, apiKey: undefined }).keys).toEqual([]);
  });
});

test.each<[Partial<EndpointOptions>, RegExp]>([
  [{ tables: { enquiries: 'e' } }, /tables.*enquiries and staff/],
  [{ tables: { enquiries: 'e', staff: 'e' } }, /a table twice/],
  [{ tables: { enquiries: 'backups', staff: 's' } }, /not backed up/],
  [{ tables: { enquiries: 'e', staff: 's', version: 'v' } }, /reserved/],
  [{ tables: { enquiries: 'e\0', staff: 's' } }, /no name/],
  [{ tables: { enquiries: 'ä'.repeat(32), staff: 's' } }, /no name/],
  [{ tables: { enquiries: '', staff: 's' } }, /enquiries/],
  [{ tables: { enquiries: 'e', staff: 's', "x'": 'x' } }, /tables/],
  [{ schema: '' }, /schema/],
  [{ path: 'api' }, /path/],
  [{ retentionDays: Number.NaN }, /retentionDays/],
  [{ retentionDays: -1 }, /retentionDays/],
  [{ keepLast: 1.5 }, /keepLast/],
  [{ requestsPerMinute: 0 }, /requestsPerMinute/],
  [{ triggers: { 'Form Submission': 1 } }, /taken/],
  [{ triggers: { 'pre restore': null } }, /taken/],
  [{ triggers: { '': null } }, /no single word/],
  [{ triggers: { x: 0 } }, /triggers\.x/],
])('%j is refused', (options, message) => {
  expect(() => settingsOf({ pool: noPool, apiKey: key, ...options })).toThrow(message);
});

test('the table is the one that the rest of Holdfast recognises', () => {
  expect(backupsColumns).toEqual(missionBackupsColumns);
});

describe('the rate', () => {
  test('a bucket fills steadily, and never above its size', () => {
    let nowMs = 0;
    const limit = new RateLimit(60, () => nowMs);
    const taken = () => {
      let count = 0;
      try {
        for (; count < 1000; count++) limit.take(0);
      } catch {}
      return count;
    };
    expect(taken()).toBe(60);
    nowMs = 500;
    expect(taken()).toBe(0);
    nowMs = 10_000;
    expect(taken()).toBe(10);
    nowMs = 3_600_000;
    expect(taken()).toBe(60);
    // A clock that is set back gives nothing and takes nothing.
    nowMs = 0;
    expect(taken()).toBe(0);
  });
});

describe('words of a table', () => {
  const column = (allowed: string[], usual: string | null = null) => ({ allowed, usual });
  test.each([
    ['no list', column([]), 'Success'],
    ['a CHECK', column(['failed', 'completed']), 'completed'],
    ['an enum', column(['FAILED', 'SUCCESS']), 'SUCCESS'],
    ['a default', column([], 'ok'), 'ok'],
    ['an unknown default', column([], 'pending'), 'success'],
    ['a list without one', column(['grün', 'rot']), null],
  ])('%s', (_name, given, word) => {
    expect(wordFor(given, statusWords.Success, 'Success')).toBe(word);
  });
  test('no word means two things', () => {
    for (const lists of [Object.values(typeWords), Object.values(statusWords)]) {
      const words: string[] = lists.flat();
      expect(new Set(words).size).toBe(words.length);
      expect(words.map(plainWord)).toEqual(words);
    }
  });
});
