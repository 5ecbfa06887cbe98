import type { Anomaly, AnomalyFinding, SchemaPart } from '../../ledger/record.ts';
import { formatBytes, formatDuration } from '../../lib/format.ts';

/**
 * A verdict in plain words, for the log, a job summary and the page. Without `nameOf` they are fit for the public.
 */

/** What a pseudonym stands for; undefined where that is not known, as with a table that is gone. */
export type NameOf = (pseudonym: string) => string | undefined;

/** What was found, what changed with it, and what follows; nothing for a backup without findings. */
export function explainAnomaly(anomaly: Anomaly, nameOf?: NameOf): string[] {
  if (anomaly.findings.length === 0) return [];
  const lines = anomaly.findings.map((finding) => explainFinding(finding, nameOf));
  if (anomaly.verdict === 'usual' || anomaly.verdict === 'learning') return lines;
  return [...lines, explainCause(anomaly), ...consequence[anomaly.verdict]];
}

const consequence = {
  warning: [
    'It counts as a good backup. If it is meant to be so, nothing needs to be done: three like it are the new usual.',
  ],
  quarantine: [
    'It is stored and can be restored, but does not count as a good backup: older ones are not pruned, and health is not Good until it is accepted with `holdfast accept` or a usual one follows.',
  ],
};

const names: Record<AnomalyFinding['series'], string> = {
  sizeBytes: 'The size of the archive',
  rawBytes: 'The size of all rows',
  rows: 'The number of rows',
  bytesPerRow: 'The size of an average row',
  storedRatio: 'The compressed share of the rows',
  filledTables: 'The number of tables with rows',
  tables: 'The number of tables',
  tableRows: 'The number of rows in single tables',
  durationMs: 'The duration of the backup',
};

/** One finding as a sentence or two: value, expected range, rule, number of backups. */
export function explainFinding(finding: AnomalyFinding, nameOf?: NameOf): string {
  if (finding.rule === 'no-tables') return 'The database has no tables.';
  if (finding.tables !== null) return explainTables(finding, finding.tables, nameOf);
  const { series, value, median, expected, n } = finding;
  const show = (number: number) => shown(series, number);
  const range =
    expected[1] === null ? `at least ${show(expected[0])}` : `${show(expected[0])} to ${show(expected[1])}`;
  return `${names[series]} is ${show(value)}, ${range} was expected (${basis(finding, show(median), n)}).`;
}

function basis({ rule, z }: AnomalyFinding, median: string, n: number): string {
  if (rule === 'cold-start')
    return `the one before had ${median}; ${counted(n, 'backup')} to learn from so far`;
  const distance = z === null ? '' : `, ${Math.abs(z)} times the usual scatter away`;
  return n === 1 ? `the one before had ${median}` : `median ${median} of ${n} backups${distance}`;
}

function explainTables(
  { rule, median, value, n }: AnomalyFinding,
  { count, worst }: NonNullable<AnomalyFinding['tables']>,
  nameOf?: NameOf,
): string {
  const had = `${count === 1 ? 'that' : 'that together'} had ${whole(median)} rows`;
  const fate = {
    emptied: `${count === 1 ? 'is' : 'are'} ${howEmptied(worst)} now`,
    shrink: `${count === 1 ? 'has' : 'have'} ${whole(value)} left`,
    renamed: `${count === 1 ? 'is' : 'are'} gone, but as many new ones have just as many rows: probably renamed`,
  }[rule as 'emptied' | 'shrink' | 'renamed'];
  const named = worst.map(({ table }) => nameOf?.(table)).filter((name) => name !== undefined);
  const list = named.length > 0 ? `: ${named.join(', ')}${count > named.length ? ' and others' : ''}` : '';
  return `${counted(count, 'table')} ${had} ${fate}${list} (compared with ${counted(n, 'backup')}).`;
}

function howEmptied(worst: readonly { rows: number | null }[]): string {
  const gone = worst.some(({ rows }) => rows === null);
  const empty = worst.some(({ rows }) => rows !== null);
  return gone && empty ? 'gone or empty' : gone ? 'gone' : 'empty';
}

const kinds: Record<SchemaPart, [one: string, many: string]> = {
  tables: ['table', 'tables'],
  columns: ['column', 'columns'],
  indexes: ['index', 'indexes'],
  constraints: ['constraint', 'constraints'],
  views: ['view', 'views'],
  functions: ['function', 'functions'],
  triggers: ['trigger', 'triggers'],
  types: ['type', 'types'],
  sequences: ['sequence', 'sequences'],
  policies: ['policy', 'policies'],
  extensions: ['extension', 'extensions'],
  other: ['other object', 'other objects'],
};

/** Whether the schema changed, and how: the question is always whether data was lost or a migration ran. */
export function explainCause({ schema, tables }: Anomaly): string {
  const elsewhere =
    tables === 'other-server'
      ? ' The database is on another server than before, so its tables were not compared one by one.'
      : '';
  if (schema === null) return `There is no earlier schema to compare with.${elsewhere}`;
  if (!schema.changed)
    return `The schema is the same as before: rows changed, no migration did this.${elsewhere}`;
  const parts = schema.parts ?? [];
  if (parts.length === 0) return `The schema changed too: a migration may explain it.${elsewhere}`;
  const list = parts.map(({ kind, before, after }) => {
    const [one, many] = kinds[kind];
    const difference = Math.abs(after - before);
    if (difference === 0) return `${many} defined otherwise`;
    return `${whole(difference)} ${difference === 1 ? one : many} ${after > before ? 'more' : 'fewer'}`;
  });
  return `The schema changed too, so a migration may explain it: ${list.join(', ')}.${elsewhere}`;
}

function shown(series: AnomalyFinding['series'], value: number): string {
  if (series === 'durationMs') return formatDuration(value);
  if (series === 'storedRatio') return `${(100 * value).toFixed(1)} %`;
  return series === 'sizeBytes' || series === 'rawBytes' || series === 'bytesPerRow'
    ? formatBytes(value)
    : whole(value);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function counted(count: number, what: string): string {
  return `${whole(count)} ${what}${count === 1 ? '' : 's'}`;
}
