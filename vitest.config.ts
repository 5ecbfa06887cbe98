import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** GitHub's packages name source maps and don't ship the sources, and each would be a line of warning. */
const withoutSourceMaps = {
  name: 'without-source-maps',
  enforce: 'pre' as const,
  load: (id: string) =>
    /node_modules\/@actions\/.*\.js$/.test(id)
      ? readFileSync(id, 'utf8').replace(/\/\/# sourceMappingURL=.*/, '')
      : null,
};

const project = (name: string, testTimeoutMs: number) => ({
  plugins: [withoutSourceMaps],
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: testTimeoutMs,
    hookTimeout: 120_000,
    // They import JSON without saying so, which Node refuses; inlined, Vite reads them.
    server: { deps: { inline: ['@actions/workflow-parser', '@actions/expressions'] } },
  },
});

export default defineConfig({
  test: {
    // Two workers: the slow tests each drive a PostgreSQL server, and more only fight over the cores.
    maxWorkers: 2,
    // A CI run also leaves a report for .ci/summary.mjs, which turns skipped tests into a failure.
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: 'test/artifacts/results.json' },
    projects: [
      project('unit', 10_000),
      project('contract', 30_000),
      project('integration', 120_000),
      project('e2e', 300_000),
      project('site', 300_000),
      // These take long, so CI runs them beside `npm test`.
      project('look', 300_000),
      project('workflows', 300_000),
      project('faults', 600_000),
    ],
  },
});
