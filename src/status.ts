import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from './deps.ts';
import { buildSite } from './health/build-site.ts';
import type { Policy } from './health/policy.ts';
import { composeStatus, type Status, statusSchema } from './health/status.ts';
import { StoreError } from './lib/errors.ts';
import { inStep } from './lib/progress.ts';

export interface StatusOptions {
  /** Configured names, in the order they are shown. */
  databases: readonly string[];
  policy: Policy;
  /** Where `status.json` and the page go; null: nowhere, only the result. */
  outDir: string | null;
  /** Whether to build the page too. */
  site: boolean;
  /** The path the page is served under, such as `/repository/`. */
  base?: string;
}

/**
 * Evaluates the ledger and publishes what it says.
 *
 * @throws StoreError when there is no ledger: no data is never published as health; IntegrityError when it is damaged.
 *         What was published before stays as it is, and ages.
 */
export async function status(
  deps: Pick<Deps, 'ledger' | 'now' | 'progress'>,
  options: StatusOptions,
): Promise<Status> {
  const records = await deps.ledger.read();
  if (records === null) {
    throw new StoreError('There is no ledger yet, so there is nothing to say about health.', {
      hint: 'Run `holdfast backup` first. A page that is already published is left as it is.',
      publicReason: 'there is no ledger',
    });
  }
  const composed = statusSchema.parse(composeStatus(records, options.databases, options.policy, deps.now()));
  const { outDir } = options;
  if (outDir === null) return composed;
  await mkdir(outDir, { recursive: true });
  if (!options.site) {
    await writeStatus(join(outDir, 'status.json'), composed);
    return composed;
  }
  const statusFile = `${outDir.replace(/\/+$/, '')}.status.json`;
  await writeStatus(statusFile, composed);
  const building = inStep(
    deps.progress,
    'Building the status page',
    () => buildSite({ statusFile, outDir, ...(options.base ? { base: options.base } : {}) }),
    () => outDir,
  );
  await building.finally(() => rm(statusFile, { force: true }));
  return composed;
}

async function writeStatus(file: string, composed: Status) {
  await writeFile(`${file}.partial`, `${JSON.stringify(composed, null, 1)}\n`);
  await rename(`${file}.partial`, file);
}
