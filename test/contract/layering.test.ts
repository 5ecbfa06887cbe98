import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** The arrows of src/README.md, held by .dependency-cruiser.mjs. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
const cruise = (cwd: string, ...paths: string[]) =>
  promisify(execFile)(
    process.execPath,
    [program, '--config', join(root, '.dependency-cruiser.mjs'), ...paths],
    { cwd },
  );

test('arrows point one way', async () => {
  expect((await cruise(root, 'src', 'site/src')).stdout).toContain('no dependency violations found');
});

test('a tree with wrong arrows is caught', async () => {
  const wrong = cruise(join(root, 'test/fixtures/layering'), 'src');
  await expect(wrong).rejects.toMatchObject({
    stdout: expect.stringMatching(
      /stages-import-no-verb[\s\S]*lib-is-the-bottom|lib-is-the-bottom[\s\S]*stages-import-no-verb/,
    ),
  });
});
