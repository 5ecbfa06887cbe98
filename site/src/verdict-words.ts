import type { Health, HealthState, Reason } from '../../src/health/evaluate.ts';
import type { Policy } from '../../src/health/policy.ts';
import { utc } from './format.ts';

/** What a verdict is called and what it means for the reader; shared by the build and the reader's browser. */

export const words: Record<HealthState, string> = { good: 'Good', warning: 'Warning', critical: 'Critical' };

type Judged = Pick<Health, 'state' | 'reasons'>;

/** One sentence for someone who reads nothing else. It promises no more than the facts do. */
export function sentence(judged: Judged, policy: Policy, databases: number): string {
  const each = databases === 1 ? 'The database has' : `Each of the ${databases} databases has`;
  const warnings = judged.reasons.filter((reason) => reason.state === 'warning').length;
  switch (judged.state) {
    case 'good':
      return `${each} a good backup at most ${policy.lateAfterHours} hours old, and a restore test that passed in the last ${policy.restoreTestAfterDays} days.`;
    case 'warning':
      return `${each} a good backup at most ${policy.criticalAfterHours} hours old, but ${things(warnings)} attention.`;
    case 'critical':
      return 'Recovery to within a day is not assured. Someone has to act.';
  }
}

function things(count: number): string {
  return count === 1 ? 'one thing needs' : `${count} things need`;
}

/** When the verdict became what it is: the first of its gravest reasons that names a time. */
export function stateSince(judged: Judged): string | null {
  const gravest = judged.reasons.filter((reason) => reason.state === judged.state);
  return (
    gravest
      .map((reason) => reason.since)
      .filter((since) => since !== null)
      .sort()[0] ?? null
  );
}

/** Title of the page, so that a tab in the background tells it too. */
export function title(judged: Judged): string {
  const since = stateSince(judged);
  return `${words[judged.state]}${since === null ? '' : ` since ${utc(since)}`} · Holdfast backup status`;
}

/** A reason as the page says it; the database is named only where there are several. */
export function reasonText(reason: Reason, databases: number): string {
  return reason.database !== null && databases > 1 ? `${reason.database}: ${reason.text}` : reason.text;
}
