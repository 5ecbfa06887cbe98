import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { parse } from 'node-html-parser';
import { describe, expect, test } from 'vitest';
import { filesIn, read } from './built-site.ts';
import type { BuiltVariant } from './variants.ts';

/** What must hold of every file of a site. `build.test.ts` builds the two, at the root of a host and below a path. */

const htmlFiles = (variant: BuiltVariant) => filesIn(variant.folder).filter((name) => name.endsWith('.html'));

export function linksAndPolicy(built: () => { good: BuiltVariant; critical: BuiltVariant }): void {
  describe.each(['good', 'critical'] as const)('links and resources of %s', (name) => {
    const variant = () => built()[name];
    const base = name === 'good' ? '/' : '/repo/';

    test('all lead to files under the base path, and their fragments to elements', () => {
      const files = new Set(filesIn(variant().folder));
      for (const file of htmlFiles(variant())) {
        const document = parse(read(variant(), file));
        for (const element of document.querySelectorAll('[href], [src]')) {
          const address = element.getAttribute('href') ?? element.getAttribute('src') ?? '';
          if (element.tagName === 'A' && address.startsWith('https://github.com/example/crm/actions/'))
            continue;
          const [target = '', fragment] = address.split('#');
          if (target !== '') expect(target.startsWith(base), `${file}: ${address}`).toBe(true);
          const wanted = target === '' ? file : target.slice(base.length).replace(/(^|\/)$/, '$1index.html');
          expect(files, `${file}: ${address}`).toContain(wanted);
          if (fragment) {
            const there = parse(read(variant(), wanted)).querySelector(`[id="${fragment}"]`);
            expect(there, `${file}: ${address}`).not.toBeNull();
          }
        }
      }
    });

    test('nothing is fetched from elsewhere', () => {
      for (const file of filesIn(variant().folder).filter((each) => /\.(?:css|js)$/.test(each))) {
        expect(read(variant(), file)).not.toMatch(/https?:|@import|animation|transition|url\(\s*["']?(?!#)/);
      }
    });
  });

  describe('the content security policy', () => {
    test('forbids all but its own files', () => {
      for (const file of htmlFiles(built().good)) {
        const policy = parse(read(built().good, file))
          .querySelector('meta[http-equiv]')!
          .getAttribute('content')!;
        expect(policy).toMatch(/^default-src 'none';/);
        expect(policy).not.toMatch(/unsafe|https?:|\*/);
      }
    });

    test('knows the hash of every inline script, and no inline style is used', () => {
      for (const file of htmlFiles(built().good)) {
        const document = parse(read(built().good, file));
        const policy = document.querySelector('meta[http-equiv]')!.getAttribute('content')!;
        for (const script of document.querySelectorAll('script:not([src]):not([type="application/json"])')) {
          const hash = createHash('sha256').update(script.innerHTML).digest('base64');
          expect(policy).toContain(`'sha256-${hash}'`);
        }
        expect(document.querySelectorAll('style, [style], [onclick], [onload], [onerror]')).toEqual([]);
      }
    });
  });

  test('the script of the page is small and brings no schema library', () => {
    const scripts = filesIn(built().good.folder).filter((name) => name.endsWith('.js'));
    const text = scripts.map((name) => read(built().good, name)).join('');
    expect(text.length).toBeGreaterThan(1000);
    expect(gzipSync(text).length).toBeLessThan(10_000);
    expect(text).not.toMatch(/zod/i);
  });

  test('what is embedded in the page can not end its element', () => {
    const { critical } = built();
    const script = parse(read(critical, 'index.html')).querySelector('#judgement')!;
    expect(script.innerHTML).toContain('no scratch \\u003c/script>');
    expect(script.innerHTML).not.toContain('<');
    expect(JSON.parse(script.innerHTML)).toMatchObject({
      facts: critical.status.facts,
      policy: critical.status.policy,
    });
  });
}
