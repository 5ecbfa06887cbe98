import type { Deps } from '../deps.ts';
import { recordAttempt } from '../ledger/attempt.ts';
import type { LedgerRecord } from '../ledger/record.ts';

type AlertRecord = Extract<LedgerRecord, { verb: 'alert' }>;
export type Alert = NonNullable<AlertRecord['result']>;
export type AlertDeps = Pick<Deps, 'now' | 'randomBytes' | 'ledger' | 'run' | 'progress'>;

/** An alert that was tried, as the ledger has it. */
export interface TriedAlert extends Alert {
  database: string;
  /** Null when it was sent. */
  problem: string | null;
}

/**
 * Sends an alert and records it, sent or not. Nothing that goes wrong here is thrown: it never makes a good backup fail.
 *
 * @param about what the record of a failure says
 * @param send returns what was sent; null when there was nothing to tell, which is not recorded
 */
export async function recordAlert(
  deps: AlertDeps,
  { database, ...about }: Alert & { database: string },
  send: () => Promise<Alert | null>,
): Promise<TriedAlert | null> {
  const notSent = (problem: string): TriedAlert => ({ database, ...about, problem });
  let sent: Alert | null = null;
  try {
    await recordAttempt(
      deps,
      { verb: 'alert', database },
      async (notes) => {
        notes.result = about;
        sent = await send();
        if (sent) notes.result = sent;
        return sent;
      },
      { isWorthRecording: (alert) => alert !== null },
    );
    return sent && { database, ...(sent as Alert), problem: null };
  } catch (error) {
    const { message } = error as Error;
    // What was sent and could not be recorded was sent all the same.
    if (sent !== null) {
      deps.progress.warn(`An alert was sent and could not be recorded: ${message}`);
      return { database, ...(sent as Alert), problem: null };
    }
    deps.progress.warn(`An alert was not sent. ${message}`);
    return notSent(message);
  }
}

/** The newest alert of a channel about a database that was sent; null when there is none. */
export function lastAlert(
  records: readonly LedgerRecord[],
  database: string,
  channel: Alert['channel'],
): Alert | null {
  const last = records.findLast(
    (record) =>
      record.verb === 'alert' &&
      record.database === database &&
      record.outcome === 'succeeded' &&
      record.result?.channel === channel,
  ) as AlertRecord | undefined;
  return last?.result ?? null;
}
