import type { LedgerRecord } from '../ledger/record.ts';
import { isRegularTrigger } from '../ledger/record.ts';

/** The job summary: a verdict of one line, a table, a small chart, links. Markdown, as GitHub shows it. */

export interface SummaryParts {
  /** Such as `Backup succeeded`. */
  verdict: string;
  mark: '✅' | '⚠️' | '❌' | 'ℹ️';
  rows: readonly (readonly [label: string, value: string])[];
  /** Mermaid and other blocks after the table. */
  blocks?: readonly string[];
  links?: readonly { text: string; url: string }[];
}

export function renderSummary({ verdict, mark, rows, blocks = [], links = [] }: SummaryParts): string {
  const parts = [`### ${mark} ${escapeText(verdict)}`];
  if (rows.length > 0) {
    const lines = rows.map(([label, value]) => `| ${escapeText(label)} | ${escapeText(value)} |`);
    parts.push(['| | |', '|---|---|', ...lines].join('\n'));
  }
  parts.push(...blocks);
  if (links.length > 0)
    parts.push(links.map(({ text, url }) => `[${escapeText(text)}](${encodeURI(url)})`).join(' · '));
  return `${parts.join('\n\n')}\n`;
}

/** Text of ours may hold names from outside: as Markdown they mean nothing. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>|#~!]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll(/\s+/g, ' ');
}

const shown = 14;

/** The sizes of the last 14 backups of a database as a Mermaid chart; null while there are fewer than two. */
export function sizeChart(records: readonly LedgerRecord[], database: string): string | null {
  const sizes = records
    .filter((record) => record.verb === 'backup')
    .filter((record) => record.database === database)
    .filter((record) => record.result !== null && isRegularTrigger(record.trigger))
    .slice(-shown)
    .map((record) => ({ day: record.startedAt.slice(8, 10), megabytes: record.result!.sizeBytes / 1e6 }));
  if (sizes.length < 2) return null;
  const top = Math.max(...sizes.map(({ megabytes }) => megabytes)) * 1.2;
  const digits = top < 10 ? 3 : 1;
  return [
    '```mermaid',
    'xychart-beta',
    `  title "Stored size of the last ${sizes.length} backups, MB"`,
    `  x-axis [${sizes.map(({ day }, index) => `"${index + 1} (${day})"`).join(', ')}]`,
    `  y-axis "MB" 0 --> ${Math.max(top, 0.001).toFixed(digits)}`,
    `  bar [${sizes.map(({ megabytes }) => megabytes.toFixed(digits)).join(', ')}]`,
    '```',
  ].join('\n');
}
