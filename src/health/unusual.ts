import type { LedgerRecord } from '../ledger/record.ts';
import { explainFinding } from './anomaly/explain.ts';
import { acceptedIds } from './anomaly/history.ts';
import type { KnownBackup } from './backups.ts';

/** The newest backup holds something that nobody expected. */
export interface Unusual {
  backupId: string;
  verdict: 'warning' | 'quarantine';
  /** The gravest finding, in words for the public. */
  what: string;
  /** Whether the schema changed with it; null when unknown. */
  schemaChanged: boolean | null;
  /** Since when the newest backups are unusual, one after another: ISO instant. */
  since: string;
}

/** @param backups regular ones, newest first */
export function unusual(backups: readonly KnownBackup[], records: readonly LedgerRecord[]): Unusual | null {
  const accepted = acceptedIds(records);
  const isUnusual = ({ id, result }: KnownBackup) =>
    !accepted.has(id) && (result.anomaly?.verdict === 'warning' || result.anomaly?.verdict === 'quarantine');
  const usual = backups.findIndex((backup) => !isUnusual(backup));
  const run = usual === -1 ? backups : backups.slice(0, usual);
  const newest = run[0];
  const anomaly = newest?.result.anomaly;
  const gravest = anomaly?.findings[0];
  if (!newest || !anomaly || !gravest) return null;
  return {
    backupId: newest.id,
    verdict: anomaly.verdict === 'quarantine' ? 'quarantine' : 'warning',
    what: explainFinding(gravest),
    schemaChanged: anomaly.schema?.changed ?? null,
    since: run.at(-1)!.finishedAt,
  };
}
