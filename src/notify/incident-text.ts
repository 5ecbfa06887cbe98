import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { HealthState, Reason } from '../health/evaluate.ts';
import type { DatabaseFacts } from '../health/facts.ts';
import { databaseName } from '../ledger/words.ts';
import { markerLine } from './marker.ts';
import { asMarkdown, type Links, minute, newestGoodWords, pageLinks, stateWords } from './public-text.ts';

/** The texts of the issue about one database. They are public, and so made of reasons that are safe to publish. */

/** A verdict on one database, as `evaluate` or a status document has it. */
export interface DatabaseHealth {
  database: string;
  state: HealthState;
  reasons: readonly (Pick<Reason, 'state' | 'text' | 'since'> & { code: string })[];
}

export const incidentMarkerSchema = z.strictObject({
  database: databaseName,
  /** Made anew for each issue: one with the same is a copy that somebody made, and none of ours. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  /** What was last said; `good` once the incident is over. */
  state: z.enum(['good', 'warning', 'critical']),
  /** Stands for the set of reasons that were last given. */
  reasons: z.string().regex(/^[0-9a-f]{16}$/),
});
export type IncidentMarker = z.infer<typeof incidentMarkerSchema>;

export const incidentKind = 'incident';

/** What tells two sets of reasons apart: numbers, such as the size of an unusual backup, make no other set. */
export function reasonsDigest({ reasons }: Pick<DatabaseHealth, 'reasons'>): string {
  const keys = reasons.map(({ state, code, text }) => `${state} ${code} ${text.replaceAll(/\d+/g, '#')}`);
  return createHash('sha256')
    .update([...new Set(keys)].sort().join('\n'))
    .digest('hex')
    .slice(0, 16);
}

export function incidentTitle({ database, state }: Pick<DatabaseHealth, 'database' | 'state'>): string {
  return `Backups of ${database}: ${stateWords[state]}`;
}

/** The title to change to; none when a person has written the present one. */
export function titleChange(
  title: string,
  before: IncidentMarker,
  verdict: DatabaseHealth,
): { title?: string } {
  return title === incidentTitle(before) ? { title: incidentTitle(verdict) } : {};
}

export interface IncidentContext {
  facts: DatabaseFacts | null;
  links: Links;
}

/** The whole body, its marker first. */
export function incidentBody(verdict: DatabaseHealth, id: string, { facts, links }: IncidentContext): string {
  const { database, state } = verdict;
  const marker = { database, id, state, reasons: reasonsDigest(verdict) } satisfies IncidentMarker;
  const parts = [
    markerLine(incidentKind, marker),
    verdictWords(verdict),
    newestGoodWords(facts),
    linkLine(links),
    `*Holdfast opens this issue when the backups of ${database} are no longer Good, comments when the state or its reasons change, and closes it when they are Good again. If you close it earlier, it is quiet for a day.*`,
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** The body as it was, with a marker that says that the incident is over. */
export function endedBody(body: string, marker: IncidentMarker): string {
  const rest = body.split('\n').slice(1).join('\n');
  return `${markerLine(incidentKind, { ...marker, state: 'good' })}\n${rest}`;
}

export function changedComment(before: string, verdict: DatabaseHealth, links: Links): string {
  const now = stateWords[verdict.state];
  const head = before === verdict.state ? `Still ${now}, for other reasons.` : `Now **${now}**.`;
  return [head, reasonLines(verdict), linkLine(links)].filter(Boolean).join('\n\n');
}

export function reopenedComment(verdict: DatabaseHealth, links: Links): string {
  const head = `This was closed, and the backups of ${verdict.database} are still not Good.`;
  return [head, verdictWords(verdict), linkLine(links)].filter(Boolean).join('\n\n');
}

export function endedComment({ facts, links }: IncidentContext): string {
  const head = 'Good again: none of the reasons above holds any longer.';
  return [`${head} ${newestGoodWords(facts)}`, linkLine(links)].filter(Boolean).join('\n\n');
}

export function duplicateComment(number: number): string {
  return `Two runs saw this at the same moment. #${number} was first.`;
}

function verdictWords(verdict: DatabaseHealth): string {
  return `The backups of **${verdict.database}** are **${stateWords[verdict.state]}**.\n\n${reasonLines(verdict)}`;
}

function reasonLines({ reasons }: DatabaseHealth): string {
  return reasons
    .map(({ state, text, since }) => {
      const when = since ? ` (since ${minute(since)})` : '';
      return `- ${stateWords[state]}: ${asMarkdown(text)}${when}`;
    })
    .join('\n');
}

function linkLine(links: Links): string {
  return pageLinks(links)
    .map(({ text, url }) => `[${text}](${new URL(url).href.replaceAll(')', '%29')})`)
    .join(' · ');
}
