import type { Deps } from '../../deps.ts';
import {
  type Anomaly,
  type BackupRecord,
  isRegularTrigger,
  postRestoreTrigger,
} from '../../ledger/record.ts';
import { toleranceMs } from '../clock.ts';
import { explainAnomaly, type NameOf } from './explain.ts';
import { historyOf, measure } from './history.ts';
import { judge } from './judge.ts';
import { type AnomalyPolicy, anomalyPolicySchema } from './policy.ts';

type Result = NonNullable<BackupRecord['result']>;

export interface Comparison {
  id: string;
  database: string;
  /** What the record will say. */
  result: Omit<Result, 'anomaly'>;
  durationMs: number;
  /** Rows of every table by pseudonym; null without pseudonyms. */
  allTableRows: Readonly<Record<string, number>> | null;
  /** Pseudonyms of tables that are left out on purpose, and so are not missed. */
  leftOut?: ReadonlySet<string>;
  /** Pseudonyms of tables of which the last row matters, however few there were. */
  neverEmpty?: ReadonlySet<string> | undefined;
  /** Given where names of tables may be shown: in a private log. */
  nameOf?: NameOf | undefined;
  policy?: AnomalyPolicy | undefined;
}

/**
 * Compares a backup that has just been stored with the ledger's history, and warns of what it finds. Null for one that is
 * no part of the regular rhythm, and where the ledger can't be read: that the data is safe does not hang on history.
 */
export async function compareWithHistory(
  deps: Pick<Deps, 'ledger' | 'now' | 'progress' | 'run'>,
  { id, database, result, durationMs, allTableRows, leftOut, neverEmpty, nameOf, policy }: Comparison,
): Promise<Anomaly | null> {
  const { trigger } = deps.run;
  // What a restore put back was proved equal to what was asked for, and confirmed by a person.
  if (!isRegularTrigger(trigger) || trigger === postRestoreTrigger) return null;
  let records: Awaited<ReturnType<Deps['ledger']['read']>>;
  try {
    records = await deps.ledger.read();
  } catch (error) {
    deps.progress.warn(`It was not compared with earlier backups: ${(error as Error).message}`);
    return null;
  }
  const own = (records ?? []).filter((record) => record.database === database);
  const now = deps.now();
  const candidate = { ...measure(id, result, durationMs), tableRows: allTableRows, leftOut, neverEmpty };
  const datedAhead = own
    .filter((record) => record.verb === 'backup')
    .filter(({ result: past }) => past && Date.parse(past.snapshotAt) > now + toleranceMs)
    .map((record) => record.backupId!);
  const anomaly: Anomaly = {
    ...judge(candidate, historyOf(own, database, now), policy ?? anomalyPolicySchema.parse({})),
    datedAhead: datedAhead.slice(-50),
  };
  for (const line of explainAnomaly(anomaly, nameOf)) deps.progress.warn(line);
  if (anomaly.verdict === 'quarantine') deps.progress.warn(`${id} is QUARANTINED.`);
  return anomaly;
}
