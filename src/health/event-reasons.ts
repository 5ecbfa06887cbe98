import type { Reason } from './evaluate.ts';
import type { DatabaseFacts } from './facts.ts';

/** The Warnings that something that happened brings, whatever the time is. Pure, because it runs in the browser too. */
export function eventReasons(facts: DatabaseFacts): Omit<Reason, 'database'>[] {
  const reasons: Omit<Reason, 'database'>[] = [];
  const warn = (code: Reason['code'], text: string, since: string | null) =>
    reasons.push({ state: 'warning', code, text, since });
  const { lastAttempt, restoreTestNotRun, lastVerified, unusual, notOffSiteSince, futureDated } = facts;

  if (lastAttempt?.outcome === 'failed') {
    warn('attempt-failed', `The last backup attempt failed: ${reasonOf(lastAttempt)}.`, lastAttempt.at);
  }
  if (unusual !== null) {
    const schema = {
      true: ' The schema changed too.',
      false: ' The schema is the same as before.',
      null: '',
    };
    const text = `The newest backup is unusual: ${unusual.what}${schema[`${unusual.schemaChanged}`]}`;
    if (unusual.verdict === 'warning') warn('anomaly', text, unusual.since);
    else warn('quarantine', `${text} It does not count as good until somebody accepts it.`, unusual.since);
  }
  if (notOffSiteSince !== null) {
    const text = 'The newest backup is only inside the database that it protects: no copy has left it.';
    warn('not-off-site', text, notOffSiteSince);
  }
  for (const { store, since } of facts.storesBehind) {
    warn('store-behind', `Store ${store} lacks the newest good backup.`, since);
  }
  if (restoreTestNotRun !== null) {
    const text = `A restore test could not run: ${reasonOf(restoreTestNotRun)}.`;
    warn('restore-test-not-run', text, restoreTestNotRun.at);
  }
  if (lastVerified?.outcome === 'failed') {
    warn('verify-failed', `The last verification failed: ${reasonOf(lastVerified)}.`, lastVerified.at);
  }
  if (futureDated !== null) {
    const text = 'The ledger has records of a time to come, which are not believed: a clock was wrong.';
    warn('future-dated', text, null);
  }
  return reasons;
}

function reasonOf({ reason }: { reason: string | null }): string {
  return reason ?? 'unknown reason';
}
