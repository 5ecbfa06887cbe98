import { utc } from '../format.ts';

export const all = (selector: string) => document.querySelectorAll<HTMLElement>(selector);
export const one = (selector: string) => document.querySelector<HTMLElement>(selector);

/** Writes only what differs, so that a screen reader doesn't hear the page repeat itself every minute. */
export function setText(element: Element | null | undefined, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** An absolute time, as the build writes it. */
export function momentElement(at: string): HTMLTimeElement {
  const element = document.createElement('time');
  element.dateTime = at;
  element.textContent = utc(at);
  return element;
}
