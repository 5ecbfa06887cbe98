import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from './deps.ts';
import type { AnomalyPolicy } from './health/anomaly/policy.ts';
import { buildSite } from './health/build-site.ts';
import type { Policy } from './health/policy.ts';
import { publicStatus } from './health/public-status.ts';
import { composeStatus, type SiteSettings, type Status, statusSchema } from './health/status.ts';
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
  /** The path the page is served under, such as `/repository/`; left out: that of `siteUrl`. */
  base?: string;
  /** Where the page is served, such as `https://owner.github.io/repository/`; null: links in feeds stay relative. */
  siteUrl?: string | null;
  locale?: SiteSettings['locale'];
  /** What the band of expected sizes is drawn by. */
  anomalies?: AnomalyPolicy;
}

/**
 * Evaluates the ledger and publishes what it says.
 *
 * @throws StoreError when there is no ledger or nothing in it: no data is never published as health; IntegrityError when it is damaged.
 *         What was published before stays as it is, and ages.
 */
export async function status(
  deps: Pick<Deps, 'ledger' | 'now' | 'progress'>,
  options: StatusOptions,
): Promise<Status> {
  const records = await deps.ledger.read();
  if (records === null || records.length === 0) {
    const what = records === null ? 'There is no ledger yet' : 'The ledger is empty';
    throw new StoreError(`${what}, so there is nothing to say about health.`, {
      hint: 'Run `holdfast backup` first. A page that is already published is left as it is.',
      publicReason: 'there is no ledger',
    });
  }
  const { outDir, siteUrl = null, locale = 'en' } = options;
  const url = siteUrl && `${siteUrl.replace(/\/+$/, '')}/`;
  const composed = statusSchema.parse(
    composeStatus(records, options.databases, options.policy, deps.now(), {
      site: { locale, url },
      ...(options.anomalies ? { anomalies: options.anomalies } : {}),
    }),
  );
  if (outDir === null) return composed;
  await mkdir(outDir, { recursive: true });
  if (!options.site) {
    await writeWhole(join(outDir, 'status.json'), `${JSON.stringify(publicStatus(composed), null, 1)}\n`);
    return composed;
  }
  const statusFile = `${outDir.replace(/\/+$/, '')}.status.json`;
  await writeWhole(statusFile, JSON.stringify(composed));
  const base = options.base ?? (url ? new URL(url).pathname : undefined);
  const building = inStep(
    deps.progress,
    'Building the status page',
    () => buildSite({ statusFile, outDir, ...(base ? { base } : {}) }),
    () => outDir,
  );
  await building.finally(() => rm(statusFile, { force: true }));
  return composed;
}

async function writeWhole(file: string, text: string) {
  await writeFile(`${file}.partial`, text);
  await rename(`${file}.partial`, file);
}
