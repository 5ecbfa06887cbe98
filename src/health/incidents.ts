import type { LedgerRecord } from '../ledger/record.ts';
import type { Reason } from './evaluate.ts';
import type { Stretch } from './timeline.ts';

/** A time in which a database was not Good, from its first reason to the end of its last. */
export interface Incident {
  /** Stays the same while the incident goes on. */
  id: string;
  database: string;
  from: string;
  /** Null while it goes on. */
  to: string | null;
  /** The worst that it came to. */
  state: Reason['state'];
  /** Each cause once, in the order in which they came. */
  causes: Pick<Reason, 'state' | 'code' | 'text'>[];
  /** The attempt that ended it; null while it goes on. */
  endedBy: { verb: LedgerRecord['verb']; backupId: string | null; runUrl: string | null } | null;
}

/**
 * The incidents of one database, newest first.
 *
 * @param stretches in time, without gaps
 * @param records of the same database: among them is the attempt that ended each
 */
export function incidentsOf(
  stretches: readonly Stretch[],
  database: string,
  records: readonly LedgerRecord[],
): Incident[] {
  const incidents: Incident[] = [];
  let open: Incident | null = null;
  for (const { fromMs, state, reasons } of stretches) {
    const at = new Date(fromMs).toISOString();
    if (state === 'good') {
      if (open) Object.assign(open, { to: at, endedBy: endedBy(records, at) });
      open = null;
      continue;
    }
    if (!open) {
      const id = `${database}-${at.replace(/[-:]|\.\d+/g, '')}`;
      open = { id, database, from: at, to: null, state, causes: [], endedBy: null };
      incidents.push(open);
    }
    if (state === 'critical') open.state = state;
    for (const { state: gravity, code, text } of reasons) {
      if (!open.causes.some((cause) => cause.code === code && cause.text === text)) {
        open.causes.push({ state: gravity, code, text });
      }
    }
  }
  return incidents.reverse();
}

function endedBy(records: readonly LedgerRecord[], at: string): Incident['endedBy'] {
  const record = records.find((each) => each.finishedAt === at);
  return record ? { verb: record.verb, backupId: record.backupId, runUrl: record.runUrl } : null;
}
