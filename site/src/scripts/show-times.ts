import { thresholdsOf } from '../../../src/health/evaluate.ts';
import type { Policy } from '../../../src/health/policy.ts';
import { railPositions } from '../age-rail.ts';
import { span } from '../format.ts';
import { nextDeadline } from '../next-deadline.ts';
import { reasonText } from '../verdict-words.ts';
import { t } from '../words/index.ts';
import { all, localise, momentElement, setText } from './dom.ts';
import type { Judgement } from './judgement.ts';

/** Brings every age on the page up to the minute. */
export function showAges(policy: Policy, now: number): void {
  for (const age of all('[data-age]')) {
    const past = now - Date.parse(age.dataset['age']!);
    setText(age, past >= 0 ? t.ago(span(past)) : t.ahead(span(-past)));
  }
  for (const age of all('[data-old]')) {
    setText(age, t.facts.old(span(now - Date.parse(age.dataset['old']!))));
  }
  for (const rail of document.querySelectorAll<SVGElement>('[data-rail]')) {
    const thresholds = thresholdsOf(policy, rail.dataset['railOf']!);
    const { age } = railPositions(now - Date.parse(rail.dataset['rail']!), thresholds);
    rail.querySelector('[data-span]')?.setAttribute('x2', age);
    rail.querySelector('[data-marker]')?.setAttribute('cx', age);
  }
}

export function localiseTimes(): void {
  for (const time of document.querySelectorAll('time')) localise(time);
}

/** Each database's next deadline and what it is about. */
export function showDeadlines({ facts, policy }: Judgement, now: number): void {
  for (const own of facts) {
    const database = CSS.escape(own.database);
    const when = document.querySelector(`[data-deadline-of="${database}"]`);
    if (!when) continue;
    const deadline = nextDeadline(own, policy, now);
    if (deadline === null) setText(when, t.facts.noneAhead);
    else when.replaceChildren(momentElement(deadline.at));
    setText(
      document.querySelector(`[data-deadline-text="${database}"]`),
      deadline?.added ? t.facts.withoutProof(reasonText(deadline.added, policy, 1)) : t.facts.onlyProof,
    );
  }
}
