import type { Anomaly } from '../../ledger/record.ts';
import { baselineOf } from './baseline.ts';
import type { Measured, PastBackup } from './history.ts';
import type { AnomalyPolicy } from './policy.ts';
import { schemaChange } from './schema-change.ts';
import { judgeTables } from './tables.ts';
import { judgeDuration, judgeTotals } from './totals.ts';

/**
 * Compares a backup with the ones before it. Pure.
 *
 * @param candidate its `tableRows` has all tables
 * @param history backups of the same database, in any order
 * @returns the verdict with the reasons for it, free of names
 */
export function judge(
  candidate: Measured,
  history: readonly PastBackup[],
  policy: AnomalyPolicy,
): Omit<Anomaly, 'datedAhead'> {
  const baseline = baselineOf(candidate, history, policy);
  const { tables, findings: onTables } = judgeTables(candidate, baseline, policy);
  const findings = [
    ...onTables,
    ...judgeTotals(candidate, baseline, policy),
    ...judgeDuration(candidate, baseline, policy),
  ];
  const severe = (severity: 'quarantine' | 'warning') =>
    findings.some((finding) => finding.severity === severity);
  const verdict = severe('quarantine')
    ? 'quarantine'
    : severe('warning')
      ? 'warning'
      : baseline.length < policy.coldStart
        ? 'learning'
        : 'usual';
  const reference = baseline.at(-1);
  return {
    verdict,
    findings: findings.sort((a, b) => gravity[b.severity] - gravity[a.severity]),
    n: baseline.length,
    comparedWith: reference?.id ?? null,
    schema: schemaChange(candidate, reference),
    tables,
  };
}

const gravity = { info: 0, warning: 1, quarantine: 2 };
