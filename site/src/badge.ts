import type { Health, HealthState } from '../../src/health/evaluate.ts';
import { utc } from './format.ts';
import { stateSince } from './verdict-words.ts';
import { t } from './words/index.ts';

/** Pictures of a verdict cannot age by themselves, so their text says until when it holds, or since when. */

/** Dark enough for white letters. */
const colours: Record<HealthState, string> = { good: '#1d6a4a', warning: '#8a5300', critical: '#b02a1b' };

export type Badge = Pick<Health, 'state' | 'reasons' | 'validUntil'>;

export function badgeText(verdict: Badge, computedAt: string): string {
  const word = t.states[verdict.state];
  if (verdict.state === 'good' && verdict.validUntil !== null)
    return t.badge.until(word, utc(verdict.validUntil));
  return t.badge.since(word, utc(stateSince(verdict) ?? computedAt));
}

/** An image of its own, without fonts to fetch: `textLength` keeps the words inside whatever font there is. */
export function badgeSvg(label: string, text: string, state: HealthState): string {
  const [left, right] = [label, text].map((words) => Math.ceil(words.length * 6.4) + 14) as [number, number];
  const part = (words: string, at: number, width: number) =>
    `<text x="${at + width / 2}" y="14" textLength="${width - 14}" lengthAdjust="spacingAndGlyphs">${escapeXml(words)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${escapeXml(`${label}: ${text}`)}"><title>${escapeXml(`${label}: ${text}`)}</title><rect width="${left + right}" height="20" rx="3" fill="#3b4744"/><path d="M${left} 0h${right - 3}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H${left}z" fill="${colours[state]}"/><g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${part(label, 0, left)}${part(text, left, right)}</g></svg>\n`;
}

/** The document that shields.io draws a badge from: https://shields.io/badges/endpoint-badge */
export function shieldsDocument(label: string, text: string, state: HealthState) {
  const color = { good: 'brightgreen', warning: 'orange', critical: 'red' }[state];
  return { schemaVersion: 1, label, message: text, color, isError: state === 'critical', cacheSeconds: 300 };
}

export function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
