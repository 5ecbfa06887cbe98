import type { Health, HealthState, Reason } from '../../../src/health/evaluate.ts';
import type { Policy } from '../../../src/health/policy.ts';
import { utc } from '../format.ts';
import { reasonText, sentence, shownReasons, stateSince, title, words } from '../verdict-words.ts';
import { t } from '../words/index.ts';
import { all, localMoment, momentElement, one, setText } from './dom.ts';

interface Background {
  policy: Policy;
  /** The database that the page is about; null: all. */
  database: string | null;
  /** The verdict that the facts had when they were gathered. */
  atFirst: Health;
  clock: number;
  computedAt: number;
}

/** Puts a verdict into the page: band, sentence, reasons, every database's mark, title and icon. */
export function showVerdict(health: Health, background: Background): void {
  const { policy, database, atFirst, clock, computedAt } = background;
  for (const mark of all('[data-state-of]')) {
    const name = mark.dataset['stateOf'] ?? '';
    const state = name === '' ? health.state : health.databases.find((each) => each.database === name)?.state;
    showState(mark, state ?? 'critical');
  }
  for (const band of all('[data-band]')) band.dataset['state'] = health.state;
  setText(one('[data-sentence]'), sentence(health, policy));
  showReasons(health, policy);
  document.title = title(health, database);
  for (const icon of document.querySelectorAll<HTMLLinkElement>('link[data-icon]')) {
    const address = `${icon.dataset['icon']}${health.state}.svg`;
    if (icon.getAttribute('href') !== address) icon.setAttribute('href', address);
  }
  const next = health.validUntil && unbroken(health.validUntil);
  const isBehind = clock < computedAt - 300_000;
  setText(
    one('[data-validity]'),
    isBehind ? t.verdict.wrongClock(unbroken(clock)) : t.verdict.rechecked(unbroken(clock), next),
  );
  showChange(health, atFirst);
}

/** A time that no line break tears apart. */
function unbroken(at: string | number): string {
  return localMoment(at).replaceAll(' ', '\u00a0');
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
    setText(note, t.verdict.turned(words[atFirst.state], words[health.state], utc(since)));
  }
}

function showReasons({ reasons, databases }: Health, policy: Policy): void {
  const list = one('[data-reasons]');
  const template = document.querySelector<HTMLTemplateElement>('template[data-reason]');
  const nothing = one('[data-no-reasons]');
  const more = one('[data-more-reasons]');
  if (!list || !template || !nothing || !more) return;
  nothing.hidden = reasons.length > 0;
  list.hidden = reasons.length === 0;
  more.hidden = reasons.length <= shownReasons;
  if (!more.hidden) setText(more, t.reasons.more(reasons.length - shownReasons));
  const items = reasons.slice(0, shownReasons).map((reason) => {
    return reasonItem(template, reason, reasonText(reason, policy, databases.length));
  });
  list.replaceChildren(...items);
}

function reasonItem(template: HTMLTemplateElement, reason: Reason, text: string): Node {
  const item = document.importNode(template.content, true).querySelector('li')!;
  item.dataset['state'] = reason.state;
  item.querySelector('use')?.setAttribute('href', `#shape-${reason.state}`);
  setText(item.querySelector('strong'), words[reason.state]);
  setText(item.querySelector('.text'), text);
  const since = item.querySelector<HTMLElement>('.since')!;
  since.hidden = reason.since === null;
  if (reason.since !== null) {
    since.querySelector('time')!.replaceWith(momentElement(reason.since));
    since.querySelector<HTMLElement>('[data-age]')!.dataset['age'] = reason.since;
  }
  return item;
}
