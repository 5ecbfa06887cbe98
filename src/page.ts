import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Deps } from './deps.ts';
import { buildSite } from './health/build-site.ts';
import { type AddressOptions, siteAddress } from './health/site-address.ts';
import { type SiteSettings, type Status, statusSchema } from './health/status.ts';
import { IntegrityError, StoreError } from './lib/errors.ts';
import { inStep } from './lib/progress.ts';

export interface PageOptions extends AddressOptions {
  /** A document that `holdfast status --out` wrote, perhaps on another machine. */
  statusFile: string;
  outDir: string;
  /** Left out: the document's own. */
  locale?: SiteSettings['locale'] | undefined;
}

/**
 * Builds the page of a status document that is there already: no ledger, no configuration and no secret is needed.
 *
 * @throws StoreError when it can't be read, IntegrityError when it is not a status document. What was published before
 *         stays as it is, and ages.
 */
export async function page(deps: Pick<Deps, 'progress'>, options: PageOptions): Promise<Status> {
  const address = siteAddress(options);
  const given = await readStatus(options.statusFile);
  const { locale, url } = given.site;
  const site = { locale: options.locale ?? locale, url: address.url ?? url };
  const status = { ...given, site };
  await publishPage(deps, status, options.outDir, address.base ?? siteAddress({ siteUrl: url }).base);
  return status;
}

async function readStatus(file: string): Promise<Status> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new StoreError(`The status document can't be read (${(error as NodeJS.ErrnoException).code}).`, {
      hint: 'Name the status.json that `holdfast status --out` wrote.',
      publicReason: 'the status page could not be built',
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = statusSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join('.') || 'the whole document';
  throw new IntegrityError(`${file} is not a status document (${field}).`, {
    hint: 'An earlier page was left as it was. `holdfast status --out` writes one; the published status.json is only a part of it.',
    publicReason: 'the status page could not be built',
  });
}

/** Builds the page into `outDir`, with the document beside it for as long as that takes. */
export async function publishPage(
  deps: Pick<Deps, 'progress'>,
  status: Status,
  outDir: string,
  base: string | undefined,
): Promise<void> {
  const statusFile = `${resolve(outDir)}.status.json`;
  await mkdir(dirname(statusFile), { recursive: true });
  await writeWhole(statusFile, JSON.stringify(status));
  const building = inStep(
    deps.progress,
    'Building the status page',
    () => buildSite({ statusFile, outDir, ...(base ? { base } : {}) }),
    () => outDir,
  );
  await building.finally(() => rm(statusFile, { force: true }));
}

/** A reader sees the file before or after, never a part of it. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.partial`, text);
  await rename(`${file}.partial`, file);
}
