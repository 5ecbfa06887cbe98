import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { backupsOf } from '../../../src/health/backups.ts';
import { policySchema } from '../../../src/health/policy.ts';
import { directoryLedger } from '../../../src/ledger/directory.ts';
import { HoldfastError } from '../../../src/lib/errors.ts';
import { status } from '../../../src/status.ts';
import { directoryStore } from '../../../src/store/directory.ts';
import { findBackups } from '../../../src/store/find.ts';
import { verify } from '../../../src/verify.ts';
import { type CliFolder, config, openCliFolder } from '../cli.ts';
import { openWorkplace, type Workplace } from '../workplace.ts';

/** How often each fault is tried; `HOLDFAST_FAULTS=20 npm run test:faults` is the long form. */
export const faultTries = Number(process.env['HOLDFAST_FAULTS'] ?? 1);

const policy = policySchema.parse({});

/** Good, warning or critical, as the page would say now; a ledger that can't be read is never published, and ages. */
export async function stateOf({ deps }: Workplace): Promise<string> {
  try {
    return (await status(deps, { databases: ['crm'], policy, outDir: null, site: false })).health.state;
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return 'not published';
  }
}

/** What an attempt came to: `made`, or what the user was told. A bug of ours is thrown. */
export async function told(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'made';
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return `${error.name}: ${error.publicReason}`;
  }
}

/**
 * The right state after whatever happened: earlier backups are there and sound; each backup that the ledger calls good
 * and each that a store lists is readable to its last row; no Good without one; and the next run works by itself.
 *
 * @param earlier ids that were there before the fault
 */
export async function expectRightState(place: Workplace, url: string, earlier: readonly string[]) {
  const { deps, identity } = place;
  const listed = (await findBackups(deps.stores, 'crm')).map(({ id }) => id);
  for (const id of earlier) expect(listed).toContain(id);
  const known = backupsOf((await deps.ledger.read()) ?? []).filter(({ good }) => good);
  for (const { id } of known) expect(listed).toContain(id);
  const state = await stateOf(place);
  if (listed.length > 0) {
    const { checked } = await verify(deps, {
      database: 'crm',
      id: 'latest',
      all: true,
      identities: [identity],
    });
    expect(checked.every(({ rung }) => rung === 'readable')).toBe(true);
  }
  if (state === 'good') expect(known.length).toBeGreaterThan(0);
  const next = await place.backup(url);
  const copies = (await place.verify(next.id)).checked;
  expect(copies.map(({ rung }) => rung)).toEqual(deps.stores.map(() => 'readable'));
}

/** A line of the table in docs/reliability.md. */
export function note(fault: string, stage: string, tries: number, saw: string | readonly string[]) {
  const folder = join(import.meta.dirname, '../../artifacts');
  mkdirSync(folder, { recursive: true });
  const said = typeof saw === 'string' ? saw : [...new Set(saw)].sort().join('; ');
  appendFileSync(join(folder, 'faults.md'), `| ${fault} | ${stage} | ${tries} | ${said} |\n`);
}

export interface Scene extends AsyncDisposable {
  cli: CliFolder;
  place: Workplace;
  /** For the command line. */
  env: Record<string, string>;
}

/** One folder, on which both the command line and the verbs work. */
export async function openScene(url: string): Promise<Scene> {
  const [cli, place] = [await openCliFolder(), await openWorkplace()];
  await cli.configure(config(place.recipient));
  Object.assign(place.deps, {
    ledger: directoryLedger(join(cli.folder, 'ledger')),
    stores: [directoryStore('disk', join(cli.folder, 'store'))],
  });
  return {
    cli,
    place,
    env: { DATABASE_URL: url, HOLDFAST_IDENTITY: place.identity },
    async [Symbol.asyncDispose]() {
      await cli[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}
