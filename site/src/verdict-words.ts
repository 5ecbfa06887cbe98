import { type Health, type Reason, thresholdsOf } from '../../src/health/evaluate.ts';
import type { Policy } from '../../src/health/policy.ts';
import { utc } from './format.ts';
import { t } from './words/index.ts';

/** What a verdict is called and what it means for the reader; shared by the build and the reader's browser. */

export const words = t.states;
type Judged = Pick<Health, 'state' | 'reasons'> & {
  databases: readonly Pick<Health['databases'][number], 'database' | 'state'>[];
};

/** One sentence for someone who reads nothing else. It promises no more than the facts do. */
export function sentence(judged: Judged, policy: Policy): string {
  const names = judged.databases.map((each) => each.database);
  const widest = widestThresholds(policy, names);
  const warnings = judged.reasons.filter((reason) => reason.state === 'warning').length;
  switch (judged.state) {
    case 'good':
      return t.verdict.goodSentence(names.length, widest);
    case 'warning':
      return t.verdict.warningSentence(names.length, widest, warnings);
    case 'critical':
      return t.verdict.criticalSentence(
        names.length,
        judged.databases.filter((each) => each.state === 'critical').length,
      );
  }
}

/** What can be said of all databases is what holds for the one with the laxest rules. */
function widestThresholds(policy: Policy, databases: readonly string[]): Policy {
  const all = databases.map((database) => thresholdsOf(policy, database));
  if (all.length === 0) return policy;
  const most = (field: 'lateAfterHours' | 'criticalAfterHours' | 'restoreTestAfterDays') =>
    Math.max(...all.map((each) => each[field]));
  return {
    ...policy,
    lateAfterHours: most('lateAfterHours'),
    criticalAfterHours: most('criticalAfterHours'),
    restoreTestAfterDays: most('restoreTestAfterDays'),
  };
}

/** When the verdict became what it is: the first of its gravest reasons that names a time. */
export function stateSince(judged: Pick<Health, 'state' | 'reasons'>): string | null {
  const gravest = judged.reasons.filter((reason) => reason.state === judged.state);
  return (
    gravest
      .map((reason) => reason.since)
      .filter((since) => since !== null)
      .sort()[0] ?? null
  );
}

/** Title of a page, so that a tab in the background tells it too; `database` null: of all. */
export function title(judged: Pick<Health, 'state' | 'reasons'>, database: string | null): string {
  const since = stateSince(judged);
  return t.title(words[judged.state], since && utc(since), database);
}

/** A reason as the page says it; the database is named only where there are several. */
export function reasonText(reason: Reason, policy: Policy, databases: number): string {
  const own = reason.database === null ? policy : { ...policy, ...thresholdsOf(policy, reason.database) };
  const text = t.reasons.text(reason.code, reason.text, own);
  return reason.database !== null && databases > 1 ? `${reason.database}: ${text}` : text;
}

/** A page with fifty databases and a broken scheduler must still be short. */
export const shownReasons = 12;
