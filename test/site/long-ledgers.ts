import { historyOf, measure } from '../../src/health/anomaly/history.ts';
import { judge } from '../../src/health/anomaly/judge.ts';
import { anomalyPolicySchema } from '../../src/health/anomaly/policy.ts';
import type { BackupRecord, LedgerRecord } from '../../src/ledger/record.ts';
import { backup, dayMs, hourMs, iso, noon, restoreTest, verify } from '../support/status-fixture.ts';

/** Ledgers of months and years, with the troubles that such a time brings. All end before `noon`. */

interface Life {
  database: string;
  days: number;
  /** Backups per day. */
  perDay?: number;
  /** Days before today on which nothing ran at all. */
  outage?: { from: number; to: number };
  /** Days before today on which the first attempt failed. */
  failedOn?: number[];
  /** Day before today: which part of the usual rows its first backup has. */
  oddOn?: Record<number, number>;
}

export function life({
  database,
  days,
  perDay = 1,
  outage,
  failedOn = [],
  oddOn = {},
}: Life): LedgerRecord[] {
  const midnight = Math.floor(noon / dayMs) * dayMs;
  const records: LedgerRecord[] = [];
  for (let day = days; day >= 0; day -= 1) {
    if (outage && day <= outage.from && day >= outage.to) continue;
    for (let run = 0; run < perDay; run += 1) {
      const at = midnight - day * dayMs + 2 * hourMs + (run * 24 * hourMs) / perDay;
      if (at > noon - hourMs) continue;
      const first = run === 0;
      if (first && failedOn.includes(day)) {
        const failed = { reason: 'the database could not be reached', errorKind: 'SourceError' as const };
        records.push(backup(at, { database, failed, durationMs: 3_100 }));
        continue;
      }
      const odd = first ? oddOn[day] : undefined;
      const made = late(
        backup(at, {
          database,
          rows: Math.round((48_213 + (days - day) * 41 + ((day * 7 + run * 3) % 11) * 23) * (odd ?? 1)),
          durationMs: 90_000 + ((day * 13 + run * 5) % 37) * 1_000,
        }),
        (((day * 29 + run * 17) % 41) + (day % 19 === 3 ? 190 : 0)) * 60_000,
      );
      records.push(odd === undefined ? made : compared(made, records));
      if (first && day % 7 === 0) records.push(verify(at + 2 * hourMs, made, { database }));
      if (first && day % 28 === 0) records.push(restoreTest(at + 3 * hourMs, made, { database }));
    }
  }
  return records;
}

/** The same backup, started later than it was meant to. */
function late(record: BackupRecord, lateMs: number): BackupRecord {
  const [startedAt, finishedAt] = [record.startedAt, record.finishedAt].map((at) =>
    iso(Date.parse(at) + lateMs),
  );
  return { ...record, startedAt: startedAt!, finishedAt: finishedAt! };
}

/** As the backup verb records it: with what the rules say of it. */
function compared(record: BackupRecord, before: readonly LedgerRecord[]): BackupRecord {
  const result = record.result!;
  const past = historyOf(before, record.database, Date.parse(record.finishedAt));
  const verdict = judge(
    measure(record.backupId!, result, record.durationMs),
    past,
    anomalyPolicySchema.parse({}),
  );
  return { ...record, result: { ...result, anomaly: { ...verdict, datedAhead: [] } } };
}

/** Three years, some times a day, with an outage, failures, and two odd backups. */
export const threeYears = (database = 'crm', perDay = 4) =>
  life({
    database,
    days: 3 * 365,
    perDay,
    outage: { from: 41, to: 39 },
    failedOn: [12, 63],
    oddOn: { 24: 0.71, 70: 1.62 },
  });

const troubles: Omit<Life, 'database' | 'days'>[] = [
  {},
  { failedOn: [0] },
  { outage: { from: 2, to: 0 } },
  { oddOn: { 0: 0.3 } },
  { outage: { from: 60, to: 57 }, failedOn: [20, 21] },
  {},
];

/** So many databases, of which a half has one trouble or another. */
export function fleet(count: number, days = 100, perDay = 1): { names: string[]; records: LedgerRecord[] } {
  const names = Array.from({ length: count }, (_, index) => `crm-${String(index + 1).padStart(2, '0')}`);
  const records = names.flatMap((database, index) =>
    life({ database, days, perDay, ...troubles[index % troubles.length] }),
  );
  return { names, records };
}
