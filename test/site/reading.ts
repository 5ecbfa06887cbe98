import { existsSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { hourMs, noon } from '../support/status-fixture.ts';
import { serve } from './built-site.ts';
import { buildVariant, newRoot, type Variant } from './variants.ts';

/** Reads built pages in Debian's Chromium, with a clock that the test sets. */

const executablePath = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const hasBrowser = existsSync(executablePath);
if (!hasBrowser && process.env['CI_REQUIRE_BROWSER'] === '1')
  throw new Error(`No browser at ${executablePath}.`);
if (!hasBrowser) process.stderr.write(`Browser tests skipped: no browser at ${executablePath}.\n`);

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

export interface Reading extends BrowserContextOptions {
  of: Variant;
  /** The reader's clock when the page is opened. */
  at?: number;
  path?: string;
  /** Complaints that belong to the test, as of a network that was taken away. */
  expected?: RegExp;
}

export interface Opened {
  page: Page;
  origin: string;
  /** Where the files of the site lie, so that a test can publish others. */
  folder: string;
}

/** Builds and serves variants for the tests of a file; call it inside a `describe`. */
export function readers(variants: readonly Variant[]) {
  const root = newRoot();
  const sites = new Map<Variant, { origin: string; folder: string }>();
  const servers: Server[] = [];
  let browser: Browser;

  beforeAll(async () => {
    for (const name of variants) {
      const { folder } = await buildVariant(root, name);
      const { origin, server } = await serve(folder);
      sites.set(name, { origin, folder });
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
  return async function reading(options: Reading, look: (opened: Opened) => Promise<void>): Promise<void> {
    const { of, at = noon + hourMs, path = '', expected, ...contextOptions } = options;
    const context = await browser.newContext(contextOptions);
    const { origin, folder } = sites.get(of)!;
    const complaints: string[] = [];
    const complain = (text: string) => expected?.test(text) || complaints.push(text);
    try {
      const page = await context.newPage();
      page.on('console', (message) => complain(message.text()));
      page.on('pageerror', (error) => complain(error.message));
      page.on('requestfailed', (request) => {
        // A page that is left early breaks off its own requests.
        const why = request.failure()?.errorText ?? '';
        if (why !== 'net::ERR_ABORTED') complain(`${why}: ${request.url()}`);
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(origin)) complain(`not from here: ${request.url()}`);
      });
      if (contextOptions.javaScriptEnabled !== false) await page.clock.install({ time: at });
      await page.goto(`${origin}/${path}`);
      await look({ page, origin, folder });
    } finally {
      await context.close();
    }
    expect(complaints).toEqual([]);
  };
}
