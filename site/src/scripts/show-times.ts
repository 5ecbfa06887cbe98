import type { Health } from '../../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../../src/health/facts.ts';
import type { Policy } from '../../../src/health/policy.ts';
import { railPositions } from '../age-rail.ts';
import { span } from '../format.ts';
import { nextDeadline } from '../next-deadline.ts';
import { all, momentElement, setText } from './dom.ts';

/** Brings every age on the page up to the minute. */
export function showAges(policy: Policy, now: number): void {
  for (const age of all('[data-age]')) {
    const past = now - Date.parse(age.dataset['age']!);
    setText(age, past >= 0 ? ` (${span(past)} ago)` : ` (in ${span(-past)})`);
  }
  for (const age of all('[data-old]')) {
    setText(age, `${span(now - Date.parse(age.dataset['old']!))} old`);
  }
  for (const rail of document.querySelectorAll<SVGElement>('[data-rail]')) {
    const { age } = railPositions(now - Date.parse(rail.dataset['rail']!), policy);
    rail.querySelector('[data-span]')?.setAttribute('x2', age);
    rail.querySelector('[data-marker]')?.setAttribute('cx', age);
  }
}

/** Each database's next deadline and what it is about. */
export function showDeadlines(health: Health, facts: readonly DatabaseFacts[], policy: Policy, now: number) {
  for (const { database } of health.databases) {
    const deadline = nextDeadline(facts.find((each) => each.database === database)!, policy, now);
    const when = document.querySelector(`[data-deadline-of="${database}"]`);
    if (deadline === null) setText(when, 'None ahead');
    else when?.replaceChildren(momentElement(deadline.at));
    setText(
      document.querySelector(`[data-deadline-text="${database}"]`),
      deadline === null
        ? 'Only new proof can change the verdict.'
        : `Without new proof by then: ${deadline.added?.text ?? ''}`,
    );
  }
}
