import type { Measured, PastBackup } from '../../../src/health/anomaly/history.ts';
import { judge } from '../../../src/health/anomaly/judge.ts';
import type { AnomalyPolicy } from '../../../src/health/anomaly/policy.ts';
import { published } from './take-backup.ts';

/** A way to tell an unusual backup: ours, and what other tools do. */
export interface Method {
  name: string;
  /** Begins with a database that it knows nothing of. */
  start(): Watch;
}

export interface Watch {
  /** Whether it would raise an alarm; nothing is remembered. `heldBytes`: what the store really holds. */
  alarms(candidate: Measured, heldBytes: number): 'none' | 'warning' | 'quarantine';
  /** The backup was taken; with an alarm, a person has looked, and accepts it where that is called for. */
  remember(backup: Measured): void;
}

/** What is compared with backups of more than a month ago by none of them. */
const remembered = 40;

export function holdfast(
  policy: AnomalyPolicy,
  options: { withTables: boolean } = { withTables: true },
): Method {
  const seen = (backup: Measured) =>
    options.withTables ? backup : { ...backup, tableRows: null, pseudonymKey: null };
  return {
    name: options.withTables ? 'Holdfast' : 'Holdfast, without pseudonyms',
    start: () => {
      let history: PastBackup[] = [];
      const verdictOf = (candidate: Measured) => judge(seen(candidate), history, policy).verdict;
      return {
        alarms: (candidate, heldBytes) => {
          // The store is asked for the size of each copy, which must be that of the receipt: see `confirm` in backup.ts.
          if (heldBytes !== candidate.sizeBytes) return 'quarantine';
          const verdict = verdictOf(candidate);
          return verdict === 'warning' || verdict === 'quarantine' ? verdict : 'none';
        },
        remember: (backup) => {
          const verdict = verdictOf(backup);
          const accepted = verdict === 'quarantine';
          history = [...history, { ...published(seen(backup)), good: true, verdict, accepted }].slice(
            -remembered,
          );
        },
      };
    },
  };
}

/** As phpbu and others do: the archive's size against that of the backup before. */
export function percentAgainstYesterday(percent: number): Method {
  return {
    name: `${percent} % against yesterday`,
    start: () => {
      let before: number | null = null;
      return {
        alarms: (_, heldBytes) =>
          before !== null && Math.abs(heldBytes - before) > (percent / 100) * before ? 'warning' : 'none',
        remember: ({ sizeBytes }) => {
          before = sizeBytes;
        },
      };
    },
  };
}

/** As Barman, npbackup and others do: the smallest size allowed, half of what it was when somebody set it up. */
export function fixedMinimum(): Method {
  return {
    name: 'fixed minimum (half of the first)',
    start: () => {
      let least: number | null = null;
      return {
        alarms: (_, heldBytes) => (least !== null && heldBytes < least ? 'warning' : 'none'),
        remember: ({ sizeBytes }) => {
          least ??= sizeBytes / 2;
        },
      };
    },
  };
}
