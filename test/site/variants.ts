import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSite } from '../../src/health/build-site.ts';
import type { Status } from '../../src/health/status.ts';
import {
  backup,
  goodMonth,
  hourMs,
  iso,
  noon,
  restoreTest,
  statusOf,
  verify,
} from '../support/status-fixture.ts';

/** The status documents that the built pages are tested with; all told at `noon`. */

const unreachable = backup(noon - 2 * hourMs, {
  failed: { reason: 'the database could not be reached', errorKind: 'SourceError' },
  durationMs: 3_100,
});

function brokenMonth() {
  const month = goodMonth().filter((record) => record.startedAt < iso(noon - 40 * hourMs));
  const newest = month.filter((record) => record.verb === 'backup').at(-1)!;
  const failed = { reason: 'the restored content differs', errorKind: 'IntegrityError' as const };
  // Reasons are fixed sentences; should one ever not be, the page still must not run it.
  const noScratch = {
    reason: 'no scratch </script><img src=x onerror=alert(1)>',
    errorKind: 'SourceError' as const,
  };
  return [
    ...month,
    verify(noon - 32 * hourMs, newest, { store: 'artifact', failed }),
    restoreTest(noon - 30 * hourMs, newest, { failed }),
    restoreTest(noon - 3 * hourMs, newest, { failed: noScratch }),
    unreachable,
  ];
}

export const documents = {
  good: statusOf(goodMonth()),
  warning: statusOf([...goodMonth(), unreachable]),
  critical: statusOf([...brokenMonth(), ...goodMonth(noon, 'billing-eu')], noon, ['crm', 'billing-eu']),
  /** Its newest snapshot is dated five hours ahead, so that a clock must be wrong. */
  skewed: statusOf([...goodMonth(), backup(noon + 5 * hourMs)]),
} satisfies Record<string, Status>;

export type Variant = keyof typeof documents;

export interface BuiltVariant {
  name: Variant;
  status: Status;
  folder: string;
}

/** Builds one variant into a folder of its own below `root`. */
export async function buildVariant(root: string, name: Variant, base?: string): Promise<BuiltVariant> {
  const status = documents[name];
  const folder = path.join(root, name);
  mkdirSync(root, { recursive: true });
  const statusFile = path.join(root, `${name}.json`);
  writeFileSync(statusFile, JSON.stringify(status));
  await buildSite({ statusFile, outDir: folder, ...(base === undefined ? {} : { base }) });
  return { name, status, folder };
}

export const newRoot = () => mkdtempSync(path.join(tmpdir(), 'holdfast-site-'));

/** The pages of a variant that differ in kind: home, all backups, a backup, a receipt. */
export function pagesOf(status: Status): string[] {
  const backups = status.databases.flatMap((each) => each.backups);
  const tests = status.databases
    .flatMap((each) => each.attempts)
    .filter((each) => each.verb === 'restore-test');
  return [
    '',
    'backups/',
    ...backups.slice(0, 1).map((each) => `backups/${each.id}/`),
    ...tests.map((each) => `restore-tests/${each.id}/`),
  ];
}
