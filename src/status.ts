import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Deps } from './deps.ts';
import type { AnomalyPolicy } from './health/anomaly/policy.ts';
import type { Policy } from './health/policy.ts';
import { type AddressOptions, siteAddress } from './health/site-address.ts';
import { composeStatus, type SiteSettings, type Status, statusSchema } from './health/status.ts';
import { StoreError } from './lib/errors.ts';
import { publishPage, writeWhole } from './page.ts';

export interface StatusOptions extends AddressOptions {
  locale?: SiteSettings['locale'] | undefined;
  /** Configured names, in the order they are shown. */
  databases: readonly string[];
  policy: Policy;
  /** Where the page goes, or `status.json` alone with all that the page would show; null: nowhere, only the result. */
  outDir: string | null;
  /** Whether to build the page too. */
  site: boolean;
  /** What the band of expected sizes is drawn by. */
  anomalies?: AnomalyPolicy;
  /** The stores that should have the backups of a database; left out: those that ever had one. */
  storesOf?: (database: string) => readonly string[];
  /** `tables`: names of tables that the ledger has are shown; left out: never. */
  details?: 'none' | 'tables';
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
  const { outDir } = options;
  const address = siteAddress(options);
  const composed = statusSchema.parse(
    composeStatus(records, options.databases, options.policy, deps.now(), {
      site: { locale: options.locale ?? 'en', url: address.url },
      ...(options.anomalies ? { anomalies: options.anomalies } : {}),
      ...(options.storesOf ? { storesOf: options.storesOf } : {}),
      ...(options.details ? { details: options.details } : {}),
    }),
  );
  if (outDir === null) return composed;
  if (options.site) {
    await publishPage(deps, composed, outDir, address.base);
  } else {
    await mkdir(outDir, { recursive: true });
    await writeWhole(join(outDir, 'status.json'), `${JSON.stringify(composed)}\n`);
  }
  return composed;
}
