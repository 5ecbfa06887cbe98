import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { hasBrowser, readers } from '../site/reading.ts';
import { documents, pagesOf, type Variant } from '../site/variants.ts';

/** Access and looks, in every state and theme. Screenshots stay in `test/artifacts/pages` for whoever wants to see. */

const screens = 'test/artifacts/pages';
mkdirSync(screens, { recursive: true });
const states: Variant[] = ['good', 'warning', 'late', 'critical', 'fleet', 'first', 'unknown'];

const openTables = (page: Page) =>
  page.locator('details').evaluateAll((all) => all.map((each) => each.toggleAttribute('open', true)));

/** What axe finds, by all its rules or by some. */
async function complaints(page: Page, rules: string[] = []): Promise<string[]> {
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules.length > 0 ? axe.withRules(rules) : axe).analyze();
  return violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(' ')}`);
}

describe.skipIf(!hasBrowser)('in a browser', () => {
  const reading = readers([...states, 'german']);

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    test.each(states)('axe finds nothing in %s', (of) =>
      reading({ of, colorScheme }, async ({ page, origin }) => {
        // The pages that are alike in all states are looked at in one; a theme changes nothing but colours.
        const addresses = of === 'critical' ? pagesOf(documents[of]) : [''];
        for (const address of addresses) {
          await page.goto(`${origin}/${address}`);
          // A closed table is not looked at; they are all made by one component, so that one state is enough.
          if (of === 'good') await openTables(page);
          expect(await complaints(page, colorScheme === 'dark' ? ['color-contrast'] : []), address).toEqual(
            [],
          );
        }
        await page.goto(`${origin}/`);
        await page.screenshot({ path: `${screens}/${of}-${colorScheme}.png`, fullPage: true });
      }),
    );
  });

  test.each(['critical', 'fleet', 'german'] as const)(
    'nothing needs scrolling sideways at 320 pixels, in %s',
    (of) =>
      reading({ of, viewport: { width: 320, height: 640 } }, async ({ page, origin }) => {
        for (const address of pagesOf(documents[of])) {
          await page.goto(`${origin}/${address}`);
          await openTables(page);
          expect(await page.evaluate(() => document.documentElement.scrollWidth), address).toBe(320);
          // Nor does one value lie on the next.
          const cut = await page.evaluate(() =>
            [...document.querySelectorAll('tbody :is(td, th)')]
              .filter((cell) => cell.clientWidth > 0 && cell.scrollWidth > cell.clientWidth)
              .map((cell) => cell.textContent.trim()),
          );
          expect(cut, address).toEqual([]);
          if (address === '') expect(await complaints(page)).toEqual([]);
        }
        await page.goto(`${origin}/`);
        await page.screenshot({ path: `${screens}/${of}-narrow.png`, fullPage: true });
      }),
  );

  test('where the reader has chosen the colours, drawings take those', () =>
    reading({ of: 'critical', forcedColors: 'active', colorScheme: 'dark' }, async ({ page }) => {
      const [own, system] = await page.evaluate(() => {
        const probe = document.body.appendChild(document.createElement('p'));
        const names = ['Canvas', 'CanvasText', 'GrayText', 'LinkText'].map((name) => {
          probe.style.color = name;
          return getComputedStyle(probe).color;
        });
        const drawn = [...document.querySelectorAll('main svg :is(path, line, circle, text)')].flatMap(
          (each) => {
            const { fill, stroke } = getComputedStyle(each);
            return [fill, stroke].filter((colour) => colour !== 'none');
          },
        );
        return [[...new Set(drawn)], names] as const;
      });
      expect(own.length).toBeGreaterThan(1);
      for (const colour of own) expect(system).toContain(colour);
      await page.screenshot({ path: `${screens}/critical-forced.png`, fullPage: true });
    }));

  test('all can be reached and seen by keyboard alone', () =>
    reading({ of: 'critical' }, async ({ page }) => {
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').innerText()).toBe('Skip to the content');
      await page.keyboard.press('Enter');
      expect(page.url()).toMatch(/#main$/);
      const wanted = await page.locator('main a[href], main summary').count();
      let reached = 0;
      for (; reached < wanted; reached += 1) {
        await page.keyboard.press('Tab');
        const focus = await page.evaluate(() => {
          const element = document.activeElement!;
          return {
            inMain: element.closest('main') !== null,
            outline: getComputedStyle(element).outlineStyle,
          };
        });
        expect(focus).toEqual({ inMain: true, outline: 'solid' });
      }
      expect(reached).toBeGreaterThan(10);
    }));

  test('what a chart shows can be opened as a table by keyboard', () =>
    reading({ of: 'good' }, async ({ page }) => {
      await page.locator('summary').first().focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('.chart table').first().isVisible()).toBe(true);
    }));

  test.each([390, 1200])('nothing jumps while it loads, %i pixels wide and far from UTC', (width) =>
    reading(
      { of: 'good', viewport: { width, height: 800 }, timezoneId: 'Asia/Kolkata' },
      async ({ page }) => {
        const shift = await page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              let sum = 0;
              new PerformanceObserver((list) => {
                for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
              }).observe({ type: 'layout-shift', buffered: true });
              requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
            }),
        );
        expect(shift).toBeLessThan(0.02);
      },
    ),
  );

  test('a receipt prints on one page, without what leads elsewhere', () => {
    const address = pagesOf(documents.good).at(-1)!;
    return reading({ of: 'good', path: address }, async ({ page }) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('nav').first().isVisible()).toBe(false);
      const pdf = (await page.pdf({ format: 'A4' })).toString('latin1');
      expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    });
  });
});
