import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { dayMs, hourMs, noon } from '../support/status-fixture.ts';
import { hasBrowser, readers } from './reading.ts';
import { refetching } from './refetch.ts';

const minuteMs = 60_000;
const verdict = (page: Page) => page.locator('h1').innerText();
const icon = (page: Page) => page.locator('link[rel=icon]').getAttribute('href');

describe.skipIf(!hasBrowser)('in a browser', () => {
  const reading = readers(['good', 'critical', 'skewed']);
  refetching(reading);

  describe('an open page ages by itself', () => {
    test('from Good to late to Critical, in the text, the title and the icon', () =>
      reading({ of: 'good', at: noon + 9 * hourMs }, async ({ page }) => {
        expect(await verdict(page)).toContain('Good');
        expect(await page.locator('.newest .figure').innerText()).toContain('19 h old');
        expect(await page.locator('.times').innerText()).toContain('Checked again by your browser');

        await page.clock.fastForward(hourMs + minuteMs);
        expect(await verdict(page)).toContain('Warning');
        expect(await page.title()).toBe('Warning since 22 Nov 2026, 22:00 UTC · Holdfast backup status');
        expect(await icon(page)).toBe('/icon-warning.svg');
        expect(await page.locator('[data-reasons]').innerText()).toContain('more than 20 hours old');
        expect(await page.locator('.database h2').innerText()).toContain('Warning');

        await page.clock.fastForward(4 * hourMs);
        expect(await verdict(page)).toContain('Critical');
        expect(await page.title()).toBe('Critical since 23 Nov 2026, 02:00 UTC · Holdfast backup status');
        expect(await icon(page)).toBe('/icon-critical.svg');
        expect(await page.locator('[data-changed]').innerText()).toBe(
          'It was Good when computed and turned Critical on 23 Nov 2026, 02:00 UTC.',
        );
        expect(await page.locator('[data-reasons] li').count()).toBe(1);
      }));

    test('the page of a database too', () =>
      reading({ of: 'good', at: noon + 9 * hourMs, path: 'databases/crm/' }, async ({ page }) => {
        expect(await verdict(page)).toContain('Good');
        await page.clock.fastForward(6 * hourMs);
        expect(await verdict(page)).toContain('Critical');
        expect(await page.title()).toBe('Critical since 23 Nov 2026, 02:00 UTC · Backups of crm');
        expect(await icon(page)).toBe('/icon-critical.svg');
      }));

    test('at load, when it was published long ago', () =>
      reading({ of: 'good', at: noon + 60 * dayMs }, async ({ page }) => {
        expect(await verdict(page)).toContain('Critical');
        expect(await page.locator('[data-reasons] li').count()).toBe(3);
        expect(await page.locator('[data-deadline-of=crm]').innerText()).toBe('None ahead');
      }));

    test('seconds before its deadline it still holds', () =>
      reading({ of: 'good', at: noon + 10 * hourMs - 5000 }, async ({ page }) => {
        expect(await verdict(page)).toContain('Good');
      }));
  });

  test('a clock behind the page is told so, and no verdict gets better by it', () =>
    reading({ of: 'critical', at: noon - 50 * hourMs }, async ({ page }) => {
      expect(await verdict(page)).toContain('Critical');
      expect(await page.locator('.times').innerText()).toContain('Your device’s clock says');
    }));

  test('a snapshot dated in the future is not Good when its time comes', () =>
    reading({ of: 'skewed', at: noon + 6 * hourMs }, async ({ page }) => {
      expect(await verdict(page)).not.toContain('Good');
      expect(await page.locator('[data-reasons]').innerText()).toContain('a clock was wrong');
    }));

  test('without JavaScript it says until when it is valid', () =>
    reading({ of: 'good', javaScriptEnabled: false }, async ({ page }) => {
      expect(await page.locator('.times').innerText()).toContain(
        'Valid until 22 Nov 2026, 22:00 UTC; after that, treat as unknown.',
      );
    }));

  test('times are told in the reader’s zone, and as published on hovering', () =>
    reading({ of: 'good', timezoneId: 'Asia/Kolkata' }, async ({ page }) => {
      const time = page.locator('.times time').first();
      expect(await time.innerText()).toBe('22 Nov 2026, 17:30 GMT+5:30');
      expect(await time.getAttribute('title')).toBe('22 Nov 2026, 12:00 UTC');
      expect(await time.getAttribute('datetime')).toBe('2026-11-22T12:00:00.000Z');
    }));
});
