import { utc } from '../format.ts';
import { t } from '../words/index.ts';

export const all = (selector: string) => document.querySelectorAll<HTMLElement>(selector);
export const one = (selector: string) => document.querySelector<HTMLElement>(selector);

/** Writes only what differs, so that a screen reader doesn't hear the page repeat itself every minute. */
export function setText(element: Element | null | undefined, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

const local = new Intl.DateTimeFormat(t.numbers, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

/** A time in the reader's own zone, with its name; in that of the build where the two are the same. */
export function localMoment(at: string | number): string {
  const date = new Date(at);
  return date.getTimezoneOffset() === 0 ? utc(at) : local.format(date);
}

/** An absolute time, as the build writes it, for this reader. */
export function momentElement(at: string): HTMLTimeElement {
  const element = document.createElement('time');
  element.dateTime = at;
  localise(element);
  return element;
}

/** Says a time in the reader's zone; the time it was published with is in its tooltip. */
export function localise(element: HTMLTimeElement): void {
  const at = element.dateTime;
  if (at === '') return;
  setText(element, localMoment(at));
  if (element.title === '' && element.textContent !== utc(at)) element.title = utc(at);
}
