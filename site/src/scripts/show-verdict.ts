import type { Health, HealthState, Reason } from '../../../src/health/evaluate.ts';
import type { DatabaseFacts } from '../../../src/health/facts.ts';
import type { Policy } from '../../../src/health/policy.ts';
import { utc } from '../format.ts';
import { reasonText, sentence, stateSince, title, words } from '../verdict-words.ts';
import { all, momentElement, one, setText } from './dom.ts';

interface Background {
  facts: DatabaseFacts[];
  policy: Policy;
  /** The verdict that the page was built with. */
  atFirst: Health;
  clock: number;
  computedAt: number;
}

/** Puts a verdict into the page: band, sentence, reasons, every database's mark, title and icon. */
export function showVerdict(health: Health, background: Background): void {
  const { facts, policy, atFirst, clock, computedAt } = background;
  for (const mark of all('[data-state-of]')) {
    const name = mark.dataset['stateOf'] ?? '';
    const state = name === '' ? health.state : health.databases.find((each) => each.database === name)?.state;
    showState(mark, state ?? 'critical');
  }
  for (const band of all('[data-band]')) band.dataset['state'] = health.state;
  setText(one('[data-sentence]'), sentence(health, policy, facts.length));
  showReasons(health.reasons, facts.length);
  document.title = title(health);
  for (const icon of document.querySelectorAll<HTMLLinkElement>('link[data-icon]')) {
    const address = `${icon.dataset['icon']}${health.state}.svg`;
    if (icon.getAttribute('href') !== address) icon.setAttribute('href', address);
  }
  const validity = one('[data-validity]');
  if (clock < computedAt - 300_000) {
    setText(
      validity,
      `Your device’s clock says ${utc(clock)}, which is before that: the ages below can’t be checked.`,
    );
  } else {
    const next =
      health.validUntil === null ? 'no deadline is ahead' : `next deadline ${utc(health.validUntil)}`;
    setText(validity, `Checked again by your browser ${utc(clock)}; ${next}.`);
  }
  showChange(health, atFirst);
}

function showState(mark: HTMLElement, state: HealthState): void {
  if (mark.dataset['state'] === state) return;
  mark.dataset['state'] = state;
  mark.querySelector('use')?.setAttribute('href', `#shape-${state}`);
  setText(mark.querySelector('.word'), words[state]);
}

function showChange(health: Health, atFirst: Health): void {
  const note = one('[data-changed]');
  if (!note) return;
  const since = stateSince(health);
  note.hidden = health.state === atFirst.state || since === null;
  if (!note.hidden && since !== null) {
    setText(
      note,
      `It was ${words[atFirst.state]} when computed and turned ${words[health.state]} on ${utc(since)}. Reload to see whether anything newer has been published.`,
    );
  }
}

function showReasons(reasons: readonly Reason[], databases: number): void {
  const list = one('[data-reasons]');
  const template = document.querySelector<HTMLTemplateElement>('template[data-reason]');
  const nothing = one('[data-no-reasons]');
  if (!list || !template || !nothing) return;
  nothing.hidden = reasons.length > 0;
  list.hidden = reasons.length === 0;
  list.replaceChildren(...reasons.map((reason) => reasonItem(template, reason, databases)));
}

function reasonItem(template: HTMLTemplateElement, reason: Reason, databases: number): Node {
  const item = document.importNode(template.content, true).querySelector('li')!;
  item.dataset['state'] = reason.state;
  item.querySelector('use')?.setAttribute('href', `#shape-${reason.state}`);
  setText(item.querySelector('strong'), words[reason.state]);
  setText(item.querySelector('.text'), reasonText(reason, databases));
  const since = item.querySelector<HTMLElement>('.since')!;
  since.hidden = reason.since === null;
  if (reason.since !== null) {
    since.querySelector('time')!.replaceWith(momentElement(reason.since));
    since.querySelector<HTMLElement>('[data-age]')!.dataset['age'] = reason.since;
  }
  return item;
}
