import { createHash } from 'node:crypto';
import type { DatabaseFacts } from '../../src/health/facts.ts';
import { type Policy, policySchema } from '../../src/health/policy.ts';
import { composeStatus, type Status } from '../../src/health/status.ts';
import type {
  Anomaly,
  BackupRecord,
  LedgerRecord,
  RestoreTestRecord,
  VerifyRecord,
} from '../../src/ledger/record.ts';

/** Builds ledger records as the verbs write them, and status documents out of those. */

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
/** The moment the fixtures are told at. */
export const noon = Date.parse('2026-11-22T12:00:00.000Z');
export const policy: Policy = policySchema.parse({});

export const iso = (moment: number): string => new Date(moment).toISOString();
const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function idOf(database: string, snapshotAt: number): string {
  return `${database}-${iso(snapshotAt).replace(/[-:]|\.\d+/g, '')}-k7qa`;
}

interface Attempt {
  database?: string;
  failed?: { reason: string; errorKind: NonNullable<LedgerRecord['errorKind']> };
  trigger?: string;
  durationMs?: number;
}

function attempt(at: number, verb: string, options: Attempt) {
  const { database = 'crm', failed, trigger = 'schedule', durationMs = 94_000 } = options;
  return {
    version: 1 as const,
    id: sha256(`${verb} ${database} ${at}`).slice(7, 23),
    database,
    outcome: failed ? ('failed' as const) : ('succeeded' as const),
    intendedAt: trigger === 'schedule' ? iso(at) : null,
    startedAt: iso(at),
    finishedAt: iso(at + durationMs),
    durationMs,
    trigger,
    runUrl: `https://github.com/example/crm/actions/runs/${Math.floor(at / 1000)}`,
    actor: trigger === 'schedule' ? null : 'ada',
    reason: failed?.reason ?? null,
    errorKind: failed?.errorKind ?? null,
  };
}

/** A backup attempt; a failed one has no result. */
export function backup(
  at: number,
  options: Attempt & { stores?: string[]; rows?: number; encrypted?: boolean } = {},
): BackupRecord {
  const { stores = ['bucket', 'artifact'], rows = 48_213, encrypted = true } = options;
  const common = attempt(at, 'backup', options);
  if (options.failed) return { ...common, verb: 'backup', backupId: null, result: null, inDatabase: null };
  const backupId = idOf(common.database, at);
  const sizeBytes = rows * 71;
  return {
    ...common,
    verb: 'backup',
    backupId,
    result: {
      snapshotAt: iso(at),
      copies: stores.map((store) => ({
        store,
        kind: store === 'artifact' ? 'artifact' : 's3',
        sizeBytes,
        digest: sha256(backupId),
      })),
      sizeBytes,
      rawBytes: rows * 377,
      tables: 23,
      rows,
      contentRoot: sha256(`content of ${backupId}`),
      fingerprint: sha256('schema'),
      serverMajor: 17,
      formatVersion: 1,
      encrypted,
      recipients: encrypted ? ['0123456789abcdef'] : null,
      source: 'postgres',
      rekeyedFrom: null,
      requests: null,
      tableRows: null,
      pseudonymKey: null,
      schemaParts: null,
      namedTables: null,
      emptyTables: null,
      anomaly: null,
    },
    inDatabase: null,
  };
}

/** A verification of one copy of a backup. */
export function verify(
  at: number,
  of: BackupRecord,
  options: Attempt & { store?: string; rung?: 'stored' | 'intact' | 'readable' } = {},
): VerifyRecord {
  const { store = 'bucket', rung = 'readable', failed } = options;
  return {
    ...attempt(at, 'verify', options),
    verb: 'verify',
    backupId: of.backupId,
    result: { store, rung: failed ? 'stored' : rung },
  };
}

/** A restore test of a backup; one that could not run has no result. */
export function restoreTest(at: number, of: BackupRecord, options: Attempt = {}): RestoreTestRecord {
  const { failed } = options;
  const made = of.result!;
  const ran = failed === undefined || failed.errorKind === 'IntegrityError';
  return {
    ...attempt(at, 'restore-test', options),
    verb: 'restore-test',
    backupId: of.backupId,
    result: ran
      ? {
          store: 'bucket',
          formatVersion: 1,
          scratch: 'embedded',
          serverMajor: 18,
          tables: made.tables,
          rows: made.rows,
          restoreDurationMs: 41_380,
          compareDurationMs: 12_100,
          contentRoot: { expected: made.contentRoot, actual: failed ? sha256('other') : made.contentRoot },
          tablesDifferent: failed ? 1 : 0,
          schema: 'explained',
          schemaDifferences: 2,
        }
      : null,
  };
}

/** The comparison of a first backup. */
export const learning: Anomaly = {
  verdict: 'learning',
  findings: [],
  n: 0,
  comparedWith: null,
  schema: null,
  tables: 'unknown',
  datedAhead: [],
};

/** Somebody vouches for a backup. */
export function accepted(at: number, of: BackupRecord): LedgerRecord {
  const common = attempt(at, 'accept', { trigger: 'manual' });
  return { ...common, verb: 'accept', backupId: of.backupId, result: { reason: 'we cleaned up' } };
}

/**
 * A month as it should be, as the workflows make it: a backup at 2 AM and two that catch up when the newest is older than
 * eight hours, weekly verification, a restore test when it was set up and on the first of the month. The catch-up run of
 * the last hours has not started yet.
 */
export function goodMonth(now: number = noon, database = 'crm'): LedgerRecord[] {
  const midnight = Math.floor(now / dayMs) * dayMs;
  const records: LedgerRecord[] = [];
  for (let day = 30; day >= 0; day -= 1) {
    const at = (hours: number) => midnight - day * dayMs + hours * hourMs;
    for (const [run, hours] of [2, 11 + 23 / 60, 21 + 23 / 60].entries()) {
      if (at(hours) > now - 2 * hourMs) continue;
      const made = backup(at(hours), { database, rows: 48_213 - day * 57 + run * 19 });
      records.push(made);
      if (run === 0 && day % 7 === 0) records.push(verify(at(4), made, { database }));
      if (run === 0 && (day === 30 || day === 21)) records.push(restoreTest(at(5), made, { database }));
    }
  }
  return records;
}

/** The status document of a ledger. */
export function statusOf(records: readonly LedgerRecord[], now: number = noon, names = ['crm']): Status {
  return composeStatus(records, names, policy, now);
}

/** Facts of a healthy database at `noon`, for tests that spoil one of them. */
export function goodFacts(changes: Partial<DatabaseFacts> = {}): DatabaseFacts {
  return { ...statusOf(goodMonth()).facts[0]!, ...changes };
}
