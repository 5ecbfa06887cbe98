import { eventReasons } from './event-reasons.ts';
import type { DatabaseFacts } from './facts.ts';
import type { Policy, Thresholds } from './policy.ts';

/**
 * Turns facts into a verdict. Pure, because the very same function runs again in the reader's browser with the reader's clock: a page whose builder died must turn Critical by itself.
 */

export type HealthState = 'good' | 'warning' | 'critical';

export interface Reason {
  state: Exclude<HealthState, 'good'>;
  code:
    | 'no-data'
    | 'no-good-backup'
    | 'backup-too-old'
    | 'backup-late'
    | 'attempt-failed'
    | 'store-behind'
    | 'restore-test-failed'
    | 'restore-test-not-run'
    | 'restore-test-overdue'
    | 'restore-test-never'
    | 'verify-failed'
    | 'verify-overdue'
    | 'anomaly'
    | 'quarantine'
    | 'not-off-site'
    | 'future-dated';
  /** Null when it concerns the whole page. */
  database: string | null;
  text: string;
  /** ISO instant at which this began to hold; null when there is none to name. */
  since: string | null;
}

export interface Verdict {
  state: HealthState;
  reasons: Reason[];
  /** ISO instant at which the passing of time alone makes the verdict worse; null when it can't get worse. */
  validUntil: string | null;
}

export interface Health extends Verdict {
  /** ISO instant this was computed for. */
  at: string;
  databases: (Verdict & { database: string })[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The thresholds that hold for a database: its own, or those of all. */
export function thresholdsOf(policy: Policy, database: string): Thresholds {
  return policy.databases?.[database] ?? policy;
}

/**
 * The health of all databases at a moment; an empty list is Critical, because unknown is never green.
 *
 * @param now the reader's clock, milliseconds since the epoch
 */
export function evaluate(facts: readonly DatabaseFacts[], policy: Policy, now: number): Health {
  const at = new Date(now).toISOString();
  if (facts.length === 0) {
    const reason: Reason = {
      state: 'critical',
      code: 'no-data',
      database: null,
      text: 'No data.',
      since: null,
    };
    return { at, state: 'critical', reasons: [reason], validUntil: null, databases: [] };
  }
  const databases = facts.map((fact) => ({
    database: fact.database,
    ...evaluateDatabase(fact, thresholdsOf(policy, fact.database), now),
  }));
  const reasons = databases.flatMap((database) => database.reasons);
  reasons.sort((a, b) => severity(b.state) - severity(a.state));
  return {
    at,
    state: worst(reasons),
    reasons,
    validUntil: earliest(databases.map((each) => each.validUntil)),
    databases,
  };
}

function evaluateDatabase(facts: DatabaseFacts, policy: Thresholds, now: number): Verdict {
  const reasons: Reason[] = [];
  const turningPoints: number[] = [];
  const add = (state: Reason['state'], code: Reason['code'], text: string, since: number | string | null) =>
    reasons.push({ state, code, database: facts.database, text, since: since === null ? null : iso(since) });
  /** A deadline that is still ahead is when the verdict may turn; one that has passed is a reason. */
  const deadline = (atMs: number, whenPassed: () => void) =>
    now > atMs ? whenPassed() : turningPoints.push(atMs);

  const { newestGood, lastRestoreTest } = facts;
  const readAt = facts.lastReadableAt ?? facts.firstGoodAt;
  // Facts leave out what was of the future when they were gathered. What still is, by this clock, has no age to trust.
  const dated = [newestGood?.snapshotAt, lastRestoreTest?.at, readAt];
  if (dated.some((at) => at && Date.parse(at) > now + hourMs)) {
    add('critical', 'no-data', 'The ledger is dated in the future: a clock is wrong.', null);
  }
  if (newestGood === null) {
    add('critical', 'no-good-backup', 'There is no good backup.', null);
  } else {
    const snapshotMs = Date.parse(newestGood.snapshotAt);
    const criticalMs = snapshotMs + policy.criticalAfterHours * hourMs;
    const lateMs = snapshotMs + policy.lateAfterHours * hourMs;
    deadline(criticalMs, () =>
      add(
        'critical',
        'backup-too-old',
        `No good backup for more than ${policy.criticalAfterHours} hours.`,
        criticalMs,
      ),
    );
    if (lateMs < criticalMs && now <= criticalMs) {
      deadline(lateMs, () =>
        add(
          'warning',
          'backup-late',
          `The newest good backup is more than ${policy.lateAfterHours} hours old.`,
          lateMs,
        ),
      );
    }
  }

  if (lastRestoreTest === null) {
    add('warning', 'restore-test-never', 'No restore test was ever done.', facts.firstGoodAt);
  } else if (lastRestoreTest.outcome === 'failed') {
    add(
      'critical',
      'restore-test-failed',
      `The last restore test failed: ${lastRestoreTest.reason ?? 'unknown reason'}.`,
      lastRestoreTest.at,
    );
  } else {
    const overdueMs = Date.parse(lastRestoreTest.at) + policy.restoreTestAfterDays * dayMs;
    deadline(overdueMs, () =>
      add(
        'warning',
        'restore-test-overdue',
        `No restore test for more than ${policy.restoreTestAfterDays} days.`,
        overdueMs,
      ),
    );
  }
  if (readAt !== null) {
    const overdueMs = Date.parse(readAt) + policy.verifyAfterDays * dayMs;
    deadline(overdueMs, () =>
      add(
        'warning',
        'verify-overdue',
        `No backup was proved readable for more than ${policy.verifyAfterDays} days.`,
        overdueMs,
      ),
    );
  }

  for (const { state, code, text, since } of eventReasons(facts)) add(state, code, text, since);

  const next = turningPoints.length > 0 ? Math.min(...turningPoints) : null;
  return { state: worst(reasons), reasons, validUntil: next === null ? null : iso(next) };
}

function severity(state: HealthState): number {
  return { good: 0, warning: 1, critical: 2 }[state];
}

function worst(reasons: readonly Reason[]): HealthState {
  return reasons.reduce<HealthState>(
    (state, reason) => (severity(reason.state) > severity(state) ? reason.state : state),
    'good',
  );
}

function earliest(instants: readonly (string | null)[]): string | null {
  return instants.filter((each) => each !== null).sort()[0] ?? null;
}

function iso(moment: number | string): string {
  return typeof moment === 'string' ? moment : new Date(moment).toISOString();
}
