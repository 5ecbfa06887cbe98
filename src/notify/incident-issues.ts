import { type IncidentMarker, incidentKind, incidentMarkerSchema } from './incident-text.ts';
import type { LabelledIssue } from './labelled-issues.ts';
import { readMarker } from './marker.ts';

/** An issue of ours about an incident. */
export interface IncidentIssue extends LabelledIssue {
  marker: IncidentMarker;
}

/** Ours about one database, oldest first, without the copies that somebody made. */
export function incidentsAbout(database: string, issues: readonly LabelledIssue[]): IncidentIssue[] {
  const seen = new Set<string>();
  return [...issues]
    .sort((a, b) => a.number - b.number)
    .flatMap((issue) => {
      const marker = readMarker(issue.body, incidentKind, incidentMarkerSchema);
      if (marker?.database !== database || seen.has(marker.id)) return [];
      seen.add(marker.id);
      return [{ ...issue, marker }];
    });
}
