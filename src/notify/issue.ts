import { setTimeout as delay } from 'node:timers/promises';
import { isUncertain } from '../github/explain.ts';
import { type IncidentIssue, incidentsAbout } from './incident-issues.ts';
import {
  changedComment,
  type DatabaseHealth,
  duplicateComment,
  endedBody,
  endedComment,
  type IncidentContext,
  incidentBody,
  incidentKind,
  incidentMarkerSchema,
  incidentTitle,
  reasonsDigest,
  reopenedComment,
  titleChange,
} from './incident-text.ts';
import {
  changeIssue,
  commentOn,
  ensureLabel,
  type IssuePlace,
  type LabelledIssue,
  listLabelled,
  openIssue,
} from './labelled-issues.ts';
import { readMarker } from './marker.ts';

/**
 * One issue per incident and database. The issue itself remembers what was said, so nothing is said twice. It is said before
 * it is remembered: of the two failures, a comment that is repeated is better than one that is lost.
 */

export interface IncidentOptions extends IncidentContext {
  now(): number;
  randomBytes(size: number): Uint8Array;
  sleep?(ms: number): Promise<unknown>;
}

export interface IssueNews {
  event: 'opened' | 'updated' | 'closed';
  url: string;
}

/** A person who closes the issue has seen it: until it gets worse, or for so long, it stays closed. */
const quietMs = 24 * 3_600_000;
/** What was just written takes a moment to be listed. */
const lookAgainAfterMs = 2000;
const gravity = { good: 0, warning: 1, critical: 2 };

/**
 * Opens, updates or closes the issue of a database, as its health asks for.
 *
 * @param issues those with the label, oldest first, and any that is known to be of this incident
 * @returns null when there is nothing new to tell. Errors are octokit's
 */
export async function tellByIssue(
  place: IssuePlace,
  issues: readonly LabelledIssue[],
  verdict: DatabaseHealth,
  options: IncidentOptions,
): Promise<IssueNews | null> {
  const own = incidentsAbout(verdict.database, issues);
  const [current, ...duplicates] = own.filter(({ isOpen }) => isOpen);
  for (const duplicate of duplicates) await closeDuplicate(place, duplicate, current!);
  // Closed by a person, if it was closed: we say in the marker that it is over.
  const underWay = current ?? own.findLast(({ marker }) => marker.state !== 'good');
  if (verdict.state === 'good')
    return underWay && underWay.marker.state !== 'good' ? end(place, underWay, options) : null;
  if (!underWay) return open(place, verdict, options);
  return current ? update(place, current, verdict, options) : reopen(place, underWay, verdict, options);
}

async function open(
  place: IssuePlace,
  verdict: DatabaseHealth,
  options: IncidentOptions,
): Promise<IssueNews | null> {
  const id = Buffer.from(options.randomBytes(8)).toString('hex');
  const lookAgain = async () => {
    await (options.sleep ?? delay)(lookAgainAfterMs);
    return incidentsAbout(verdict.database, await listLabelled(place));
  };
  await ensureLabel(place);
  const content = { title: incidentTitle(verdict), body: incidentBody(verdict, id, options) };
  let made: Pick<LabelledIssue, 'number' | 'url'>;
  try {
    made = await openIssue(place, content);
  } catch (error) {
    // Nobody knows whether it was opened: looking tells.
    const found = isUncertain(error) ? (await lookAgain()).find(({ marker }) => marker.id === id) : undefined;
    if (!found) throw error;
    made = found;
  }
  const first = (await lookAgain()).find(({ isOpen, marker }) => isOpen && marker.id !== id);
  if (!first || first.number > made.number) return { event: 'opened', url: made.url };
  await closeDuplicate(place, { ...made, body: content.body }, first);
  return null;
}

async function update(
  place: IssuePlace,
  issue: IncidentIssue,
  verdict: DatabaseHealth,
  options: IncidentOptions,
): Promise<IssueNews | null> {
  const { marker } = issue;
  if (marker.state === verdict.state && marker.reasons === reasonsDigest(verdict)) return null;
  await commentOn(place, issue, changedComment(marker.state, verdict, options.links));
  await changeIssue(place, issue, {
    ...titleChange(issue.title, issue.marker, verdict),
    body: incidentBody(verdict, marker.id, options),
  });
  return { event: 'updated', url: issue.url };
}

async function reopen(
  place: IssuePlace,
  issue: IncidentIssue,
  verdict: DatabaseHealth,
  options: IncidentOptions,
): Promise<IssueNews | null> {
  const isWorse = gravity[verdict.state] > gravity[issue.marker.state];
  if (!isWorse && options.now() - (issue.closedAtMs ?? 0) < quietMs) return null;
  await changeIssue(place, issue, {
    ...titleChange(issue.title, issue.marker, verdict),
    body: incidentBody(verdict, issue.marker.id, options),
    state: 'open',
  });
  await commentOn(place, issue, reopenedComment(verdict, options.links));
  return { event: 'opened', url: issue.url };
}

async function end(place: IssuePlace, issue: IncidentIssue, options: IncidentOptions): Promise<IssueNews> {
  await commentOn(place, issue, endedComment(options));
  const body = endedBody(issue.body, issue.marker);
  await changeIssue(place, issue, { body, state: 'closed', state_reason: 'completed' });
  return { event: 'closed', url: issue.url };
}

async function closeDuplicate(
  place: IssuePlace,
  issue: Pick<LabelledIssue, 'number' | 'body'>,
  first: Pick<LabelledIssue, 'number'>,
) {
  await commentOn(place, issue, duplicateComment(first.number));
  const marker = readMarker(issue.body, incidentKind, incidentMarkerSchema)!;
  const body = endedBody(issue.body, marker);
  await changeIssue(place, issue, { body, state: 'closed', state_reason: 'not_planned' });
}
