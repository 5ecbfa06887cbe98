import { fileURLToPath } from 'node:url';
import { defineConfig } from 'astro/config';
import { loadStatus } from './src/status-file.ts';

/** A build leaves nothing behind that a later build could mistake for today's data: caches go where we are told. */
const cacheDir =
  process.env['HOLDFAST_SITE_CACHE'] ?? fileURLToPath(new URL('../.holdfast/site-cache', import.meta.url));

export default defineConfig({
  output: 'static',
  trailingSlash: 'always',
  cacheDir,
  // Several pages at a time: there may be thousands, and most of the time of each goes into making its folder.
  build: { format: 'directory', inlineStylesheets: 'never', concurrency: 8 },
  // Astro's default drops the newlines between inline elements, and with them the spaces a reader needs.
  compressHTML: true,
  devToolbar: { enabled: false },
  markdown: { syntaxHighlight: false },
  integrations: [
    {
      name: 'holdfast-status',
      hooks: {
        // The pages read it again; refusing here gives a short message before anything is rendered.
        'astro:config:setup': ({ command, updateConfig }) => {
          if (command !== 'build') return;
          const { site } = loadStatus(process.env['HOLDFAST_STATUS_FILE']);
          updateConfig({ vite: { define: { 'import.meta.env.SITE_LOCALE': JSON.stringify(site.locale) } } });
        },
      },
    },
  ],
  security: {
    csp: {
      directives: [
        "default-src 'none'",
        "img-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "connect-src 'self'",
      ],
    },
  },
  vite: {
    cacheDir: `${cacheDir}/vite`,
    // Scripts stay files of their own: one copy for all pages, allowed by 'self'.
    build: { assetsInlineLimit: 0, modulePreload: false },
  },
});
