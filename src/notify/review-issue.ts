import { z } from 'zod';
import { ensureLabel, explainIssues, type IssuePlace, listLabelled, openIssue } from './labelled-issues.ts';
import { markerLine, readMarker } from './marker.ts';

/** The quarterly review of retention as an issue, once a quarter. */

const reviewKind = 'retention-review';
const reviewMarkerSchema = z.strictObject({
  quarter: z.string().regex(/^\d{4}-Q[1-4]$/),
  databases: z.array(z.string()),
});

/** GitHub takes 65 536 characters; the rest is for the note that something is missing. */
const longest = 65_000;

/**
 * Opens the issue of this quarter, unless there is one. One that is there stays as it is, because people have ticked its
 * boxes.
 *
 * @param databases those that the review is about: a review of one does not stand for that of all
 * @param now milliseconds since the epoch
 * @returns its address
 * @throws ConfigError or StoreError when it can't be written
 */
export async function publishReview(
  place: IssuePlace,
  markdown: string,
  { databases, now }: { databases: readonly string[]; now: number },
): Promise<string> {
  const marker = { quarter: quarterOf(now), databases: [...databases].sort() };
  try {
    const line = markerLine(reviewKind, marker);
    const isThis = (body: string) => {
      const found = readMarker(body, reviewKind, reviewMarkerSchema);
      return found !== null && markerLine(reviewKind, found) === line;
    };
    const present = (await listLabelled(place)).find(({ body }) => isThis(body));
    if (present) return present.url;
    await ensureLabel(place);
    const body = shortened(`${line}\n\n${markdown}`);
    return (await openIssue(place, { title: `Retention review ${marker.quarter}`, body })).url;
  } catch (error) {
    throw explainIssues(error);
  }
}

function quarterOf(now: number): string {
  const date = new Date(now);
  return `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`;
}

/** Cut at the end of a line. */
function shortened(text: string): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, text.lastIndexOf('\n', longest))}\n\n**It is longer than an issue can be. \`holdfast review\` prints all of it.**\n`;
}
