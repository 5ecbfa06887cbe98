import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { publicStatus } from '../../src/health/public-status.ts';
import { backup, goodMonth, hourMs, noon, statusOf } from '../support/status-fixture.ts';
import type { Opened, readers } from './reading.ts';

const minuteMs = 60_000;
const verdict = (page: Page) => page.locator('h1').innerText();
const note = (page: Page) => page.locator('[data-newer]');

/** What an open page does with newer data; `browser.test.ts` runs it. */
export function refetching(reading: ReturnType<typeof readers>): void {
  describe('an open page fetches what is published now', () => {
    let published: { file: string; text: string } | null = null;
    beforeEach(() => {
      published = null;
    });
    afterEach(() => {
      if (published) writeFileSync(published.file, published.text);
    });
    function publish({ folder }: Opened, text: string): void {
      const file = path.join(folder, 'status.json');
      published ??= { file, text: readFileSync(file, 'utf8') };
      writeFileSync(file, text);
    }
    const later = (hours: number, ...more: ReturnType<typeof backup>[]) =>
      JSON.stringify(publicStatus(statusOf([...goodMonth(), ...more], noon + hours * hourMs)));
    const failed = { reason: 'the store is down', errorKind: 'StoreError' as const };

    test('bad news', () =>
      reading({ of: 'good' }, async (opened) => {
        const { page } = opened;
        publish(opened, later(1.5, backup(noon + hourMs, { failed })));
        await page.clock.fastForward(40 * minuteMs);
        await expect.poll(() => verdict(page)).toContain('Warning');
        expect(await page.locator('[data-reasons]').innerText()).toContain('the store is down');
        expect(await note(page).innerText()).toBe(
          'Newer data of 22 Nov 2026, 13:30 UTC was fetched, and the verdict uses it. Load the new page for its tables and charts.',
        );
      }));

    test('good news, when the page itself has turned Critical', () =>
      reading({ of: 'good', at: noon + 30 * hourMs }, async (opened) => {
        const { page } = opened;
        expect(await verdict(page)).toContain('Critical');
        const made = backup(noon + 29 * hourMs);
        publish(opened, later(29.9, made));
        await page.clock.fastForward(6 * minuteMs);
        await expect.poll(() => verdict(page)).toContain('Good');
        expect(await page.title()).toBe('Good · Holdfast backup status');
        expect(await page.locator('.newest .figure').innerText()).toContain('1 h 6 min old');
        expect(await page.locator('[data-id-of=crm]').getAttribute('href')).toBe(
          `/backups/${made.backupId}/`,
        );
      }));

    test.each([
      ['cut off', (text: string) => text.slice(0, 400)],
      ['of another version', (text: string) => text.replace('"version":1', '"version":2')],
      ['an error page', () => '<!doctype html><title>502</title>'],
      ['older than what it has', () => later(-5)],
    ])('what is %s changes nothing, and the page ages on', (_, spoil) =>
      reading({ of: 'good', at: noon + 9 * hourMs }, async (opened) => {
        const { page } = opened;
        publish(opened, spoil(later(9, backup(noon + 8 * hourMs))));
        await page.clock.fastForward(90 * minuteMs);
        await expect.poll(() => verdict(page)).toContain('Warning');
        expect(await page.locator('.times time').first().innerText()).toBe('22 Nov 2026, 12:00 UTC');
      }),
    );

    test('a database that is no more in it is not Good on its own page', () =>
      reading({ of: 'good', path: 'databases/crm/' }, async (opened) => {
        const { page } = opened;
        publish(
          opened,
          JSON.stringify(publicStatus(statusOf(goodMonth(noon, 'other'), noon + hourMs, ['other']))),
        );
        await page.clock.fastForward(10 * minuteMs);
        await expect.poll(() => verdict(page)).toContain('Critical');
        expect(await page.locator('[data-reasons]').innerText()).toContain('No data');
      }));

    test('offline it says so, ages on, and takes that back when the network is there again', () =>
      reading(
        { of: 'good', at: noon + 9 * hourMs, expected: /ERR_INTERNET_DISCONNECTED/ },
        async ({ page }) => {
          await page.context().setOffline(true);
          await page.clock.fastForward(2 * hourMs);
          await expect.poll(() => note(page).innerText()).toContain('could not be fetched');
          expect(await verdict(page)).toContain('Warning');
          await page.context().setOffline(false);
          await expect.poll(() => note(page).isVisible()).toBe(false);
          expect(await verdict(page)).toContain('Warning');
        },
      ));
  });
}
