import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missionRules, nextAllowedMs, ruleOf, triggerWord } from '../../../src/crm/rules.ts';

const rule = (name: string) => missionRules.find((each) => each.name === name)!;
const minuteMs = 60_000;

test('the mission’s limits', () => {
  expect(missionRules.map(({ name, minimumMinutes }) => [name, minimumMinutes])).toEqual([
    ['form_submission', 60],
    ['enquiry_update', 30],
    ['critical_operation', null],
    ['scheduled', null],
  ]);
});

test('no word belongs to two rules', () => {
  const words = missionRules.flatMap((each) => each.words);
  expect(new Set(words).size).toBe(words.length);
  expect(words.map(triggerWord)).toEqual(words);
});

test.each([
  ['form_submission', 'form_submission'],
  [' Form Submission ', 'form_submission'],
  ['CSV import', 'critical_operation'],
  ['bulk-delete', 'critical_operation'],
  ['HOLDFAST', 'scheduled'],
  ['form_submision', undefined],
  ['', undefined],
  ['constructor', undefined],
])('%j is of the rule %s', (trigger, name) => {
  expect(ruleOf(trigger, missionRules)?.name).toBe(name);
});

describe('the time of the next backup', () => {
  test.each([
    ['never made', 'form_submission', null, null],
    ['made this moment', 'form_submission', 0, 60],
    ['made 59 minutes ago', 'form_submission', 59, 1],
    ['made an hour ago', 'form_submission', 60, null],
    ['made 29 minutes ago', 'enquiry_update', 29, 1],
    ['made 30 minutes ago', 'enquiry_update', 30, null],
    ['critical, made this moment', 'critical_operation', 0, null],
    ['made by a clock a minute ahead', 'form_submission', -1, 61],
    ['made by a clock a year ahead', 'form_submission', -525_600, null],
  ])('%s', (_name, name, minutesAgo, waitMinutes) => {
    const nowMs = Date.UTC(2026, 10, 22);
    const lastMs = minutesAgo === null ? null : nowMs - minutesAgo * minuteMs;
    const expected = waitMinutes === null ? null : nowMs + waitMinutes * minuteMs;
    expect(nextAllowedMs(rule(name), lastMs, nowMs)).toBe(expected);
  });

  test('whoever comes at that time is let through, and nobody before', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3_700_000, max: 7_200_000 }), fc.nat(3_600_000), (sinceMs, laterMs) => {
        const nextMs = nextAllowedMs(rule('form_submission'), 0, sinceMs);
        if (nextMs === null) return;
        expect(nextMs).toBeGreaterThan(sinceMs);
        expect(nextAllowedMs(rule('form_submission'), 0, nextMs + laterMs)).toBe(null);
        expect(nextAllowedMs(rule('form_submission'), 0, nextMs - 1)).toBe(nextMs);
      }),
    );
  });

  test('however often it is asked, two backups are never closer than the rule says', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000_000), { maxLength: 100 }), (gaps) => {
        let nowMs = 0;
        const made: number[] = [];
        for (const gapMs of gaps) {
          nowMs += gapMs;
          if (nextAllowedMs(rule('enquiry_update'), made.at(-1) ?? null, nowMs) === null) made.push(nowMs);
        }
        made.slice(1).forEach((each, place) => {
          expect(each - made[place]!).toBeGreaterThanOrEqual(30 * minuteMs);
        });
      }),
    );
  });
});
