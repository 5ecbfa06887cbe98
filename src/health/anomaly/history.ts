import {
  type Anomaly,
  type BackupRecord,
  isRegularTrigger,
  type LedgerRecord,
  type SchemaParts,
} from '../../ledger/record.ts';
import { backupsOf, onePerSnapshot } from '../backups.ts';
import { believable } from '../clock.ts';

/** What is compared of a backup. Sizes in bytes, times in milliseconds. */
export interface Measured {
  id: string;
  /** ISO instant. */
  snapshotAt: string;
  /** Only backups of one kind are compared: another format is no change of data. */
  kind: string;
  sizeBytes: number;
  rawBytes: number;
  rows: number;
  tables: number;
  /** Null when unknown. */
  emptyTables: number | null;
  durationMs: number;
  fingerprint: string;
  pseudonymKey: string | null;
  /** Rows by pseudonym: in the ledger only tables of a hundred rows and more, of a candidate all. Null when unknown. */
  tableRows: Readonly<Record<string, number>> | null;
  schemaParts: SchemaParts | null;
  /** Pseudonyms of tables whose rows were left out on purpose; only known of a candidate. */
  leftOut?: ReadonlySet<string> | undefined;
  /** Pseudonyms of tables that must not lose their last row unnoticed, however few there were; only known of a candidate. */
  neverEmpty?: ReadonlySet<string> | undefined;
}

export interface PastBackup extends Measured {
  /** False while quarantined, damaged or refuted. */
  good: boolean;
  verdict: Anomaly['verdict'] | null;
  accepted: boolean;
}

type Result = NonNullable<BackupRecord['result']>;

/** The numbers of a result that are compared. */
export function measure(id: string, result: Omit<Result, 'anomaly'>, durationMs: number): Measured {
  const { source, encrypted, formatVersion } = result;
  return {
    id,
    snapshotAt: result.snapshotAt,
    kind: `${source} ${encrypted ? 'encrypted' : 'clear'} format ${formatVersion}`,
    sizeBytes: result.sizeBytes,
    rawBytes: result.rawBytes,
    rows: result.rows,
    tables: result.tables,
    emptyTables: result.emptyTables,
    durationMs,
    fingerprint: result.fingerprint,
    pseudonymKey: result.pseudonymKey,
    tableRows: result.tableRows,
    schemaParts: result.schemaParts,
  };
}

/**
 * The regular backups that a ledger tells of, oldest first, without those dated in the future.
 *
 * @param now milliseconds since the epoch
 */
export function historyOf(records: readonly LedgerRecord[], database: string, now: number): PastBackup[] {
  const own = records.filter((record) => record.database === database);
  const { believed } = believable(own, now);
  const accepted = acceptedIds(believed);
  const regular = backupsOf(believed).filter((backup) => isRegularTrigger(backup.trigger));
  return onePerSnapshot(regular)
    .map(({ id, result, durationMs, good, stores, quarantined }) => ({
      ...measure(id, result, durationMs),
      // What retention removed still tells what was usual.
      good: good || (stores.length === 0 && !quarantined),
      verdict: result.anomaly?.verdict ?? null,
      accepted: accepted.has(id),
    }))
    .reverse();
}

/** The backups that a person has vouched for: in so many words, or by a restore that was confirmed and proved. */
export function acceptedIds(records: readonly LedgerRecord[]): Set<string> {
  const ids = new Set<string>();
  for (const record of records) {
    if (record.outcome !== 'succeeded') continue;
    const id =
      record.verb === 'accept' ? record.backupId : record.verb === 'restore' ? record.result?.after : null;
    if (id) ids.add(id);
  }
  return ids;
}
