import { existsSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { AxeBuilder } from '@axe-core/playwright';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dayMs, hourMs, noon } from '../support/status-fixture.ts';
import { serve } from './built-site.ts';
import { buildVariant, documents, newRoot, pagesOf, type Variant } from './variants.ts';

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
const found = existsSync(executablePath);
if (!found && process.env['CI_REQUIRE_BROWSER'] === '1') throw new Error(`No browser at ${executablePath}.`);
if (!found) process.stderr.write(`Browser tests skipped: no browser at ${executablePath}.\n`);

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const variants: Variant[] = ['good', 'warning', 'critical', 'skewed'];
const minuteMs = 60_000;

describe.skipIf(!found)('in a browser', () => {
  const root = newRoot();
  const origins = new Map<Variant, string>();
  const servers: Server[] = [];
  let browser: Browser;

  beforeAll(async () => {
    for (const name of variants) {
      const { folder } = await buildVariant(root, name);
      const { origin, server } = await serve(folder);
      origins.set(name, origin);
      servers.push(server);
    }
    browser = await chromium.launch({ executablePath, args: quiet });
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) server.close();
    rmSync(root, { recursive: true, force: true });
  });

  /** Opens a page at a moment of the reader's clock; fails on anything that the browser complains of. */
  async function reading(
    options: BrowserContextOptions & { of: Variant; at?: number },
    look: (page: Page, origin: string) => Promise<void>,
  ): Promise<void> {
    const { of, at = noon + hourMs, ...contextOptions } = options;
    const context = await browser.newContext(contextOptions);
    const origin = origins.get(of)!;
    const complaints: string[] = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('requestfailed', (request) => {
        // A page that is left early breaks off its own requests.
        const why = request.failure()?.errorText ?? '';
        if (why !== 'net::ERR_ABORTED') complaints.push(`${why}: ${request.url()}`);
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(origin)) complaints.push(`not from here: ${request.url()}`);
      });
      if (contextOptions.javaScriptEnabled !== false) await page.clock.install({ time: at });
      await page.goto(`${origin}/`);
      await look(page, origin);
    } finally {
      await context.close();
    }
    expect(complaints).toEqual([]);
  }

  const verdict = (page: Page) => page.locator('h1').innerText();
  const icon = (page: Page) => page.locator('link[rel=icon]').getAttribute('href');

  describe('an open page ages by itself', () => {
    test('from Good to late to Critical, in the text, the title and the icon', () =>
      reading({ of: 'good', at: noon + 9 * hourMs }, async (page) => {
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
        expect(await page.locator('[data-changed]').innerText()).toContain(
          'It was Good when computed and turned Critical on 23 Nov 2026, 02:00 UTC.',
        );
        expect(await page.locator('[data-reasons] li').count()).toBe(1);
      }));

    test('at load, when it was published long ago', () =>
      reading({ of: 'good', at: noon + 60 * dayMs }, async (page) => {
        expect(await verdict(page)).toContain('Critical');
        expect(await page.locator('[data-reasons] li').count()).toBe(3);
        expect(await page.locator('[data-deadline-of=crm]').innerText()).toBe('None ahead');
      }));

    test('seconds before its deadline it still holds', () =>
      reading({ of: 'good', at: noon + 10 * hourMs - 5000 }, async (page) => {
        expect(await verdict(page)).toContain('Good');
      }));
  });

  test('a clock behind the page is told so, and no verdict gets better by it', () =>
    reading({ of: 'critical', at: noon - 50 * hourMs }, async (page) => {
      expect(await verdict(page)).toContain('Critical');
      expect(await page.locator('.times').innerText()).toContain('Your device’s clock says');
    }));

  test('a snapshot dated in the future stays Critical when its time comes', () =>
    reading({ of: 'skewed', at: noon + 6 * hourMs }, async (page) => {
      expect(await verdict(page)).toContain('Critical');
      expect(await page.locator('[data-reasons]').innerText()).toContain('a clock is wrong');
    }));

  test('without JavaScript it says until when it is valid', () =>
    reading({ of: 'good', javaScriptEnabled: false }, async (page) => {
      expect(await page.locator('.times').innerText()).toContain(
        'Valid until 22 Nov 2026, 22:00 UTC; after that, treat as unknown.',
      );
    }));

  test('the first Tab offers to skip to the content', () =>
    reading({ of: 'good' }, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(page.url()).toMatch(/#main$/);
    }));

  test('nothing needs scrolling sideways at 320 pixels', () =>
    reading({ of: 'critical', viewport: { width: 320, height: 640 } }, async (page, origin) => {
      for (const address of pagesOf(documents.critical)) {
        await page.goto(`${origin}/${address}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBe(320);
      }
    }));

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(['good', 'warning', 'critical'] as const)('axe finds nothing in %s', (of) =>
      reading({ of, colorScheme }, async (page, origin) => {
        const addresses = of === 'warning' ? [''] : pagesOf(documents[of]);
        for (const address of addresses) {
          await page.goto(`${origin}/${address}`);
          const { violations } = await new AxeBuilder({ page }).analyze();
          const summary = violations.map(
            (each) => `${each.id}: ${each.nodes.map((node) => node.html).join(' ')}`,
          );
          expect(summary, address).toEqual([]);
        }
      }),
    );
  });
});
