import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSite } from '../../src/health/build-site.ts';
import { composeStatus, type Status } from '../../src/health/status.ts';
import {
  backup,
  goodMonth,
  hourMs,
  iso,
  noon,
  policy,
  restoreTest,
  statusOf,
  verify,
} from '../support/status-fixture.ts';
import { fleet, life } from './long-ledgers.ts';

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

const few = fleet(4, 30, 2);
const longName = 'customer-relationship-production-eu-west';

export const documents = {
  good: statusOf(goodMonth()),
  warning: statusOf([...goodMonth(), unreachable]),
  critical: statusOf([...brokenMonth(), ...goodMonth(noon, 'billing-eu')], noon, ['crm', 'billing-eu']),
  /** More than fit in full: a row each. */
  fleet: statusOf(few.records, noon, few.names),
  /** The hour after the first backup of one database, and before that of another. */
  first: statusOf([backup(noon - hourMs)], noon, ['crm', 'new']),
  /** It is configured, and the ledger knows nothing of it. */
  unknown: statusOf([], noon, ['crm']),
  /** Nothing was made for twenty-one hours. */
  late: statusOf([
    ...goodMonth().filter((record) => record.startedAt < iso(noon - 22 * hourMs)),
    backup(noon - 21 * hourMs),
  ]),
  /** In a language of long words, of a database with as long a name as there may be. */
  german: composeStatus(
    life({ database: longName, days: 30, perDay: 2, failedOn: [0], oddOn: { 3: 0.7 } }),
    [longName],
    policy,
    noon,
    { site: { locale: 'de', url: null } },
  ),
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
  const built = await buildStatus(root, name, documents[name], base);
  return { ...built, name };
}

/** Builds any status document. */
export async function buildStatus(root: string, name: string, status: Status, base?: string) {
  const folder = path.join(root, name);
  mkdirSync(root, { recursive: true });
  const statusFile = path.join(root, `${name}.json`);
  writeFileSync(statusFile, JSON.stringify(status));
  await buildSite({ statusFile, outDir: folder, ...(base === undefined ? {} : { base }) });
  return { status, folder };
}

export const newRoot = () => mkdtempSync(path.join(tmpdir(), 'holdfast-site-'));

/** The pages of a variant that differ in kind. */
export function pagesOf(status: Status): string[] {
  const { database, backups } = status.databases[0]!;
  const tests = status.databases.flatMap((each) => each.restoreTests);
  return [
    '',
    `databases/${database}/`,
    'incidents/',
    'runbook/',
    'about/',
    ...backups.slice(0, 1).map((each) => `backups/${each.id}/`),
    ...tests.slice(0, 3).map((each) => `restore-tests/${each.id}/`),
  ];
}
