import { IntegrityError } from '../lib/errors.ts';
import { type LedgerRecord, recordSchema } from './record.ts';

/** The months of a ledger: NDJSON, one file per month of a record's start, wherever the files are. */

export const monthFile = /^\d{4}-\d{2}\.ndjson$/;

/** The file that a record belongs into. */
export function monthOf(record: LedgerRecord): string {
  return `${record.startedAt.slice(0, 7)}.ndjson`;
}

/** A record as a line, checked once more, because a line that can't be read again would spoil the file. */
export function lineOf(record: LedgerRecord): string {
  return `${JSON.stringify(recordSchema.parse(record))}\n`;
}

/** @throws IntegrityError naming the first line that is not a record, or a last line that is cut short */
export function parseMonth(name: string, text: string): LedgerRecord[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw damaged(name, lines.length + 1, 'is cut short');
  return lines.flatMap((line, index) => {
    // Two processes may both have ended a line that a third had left open.
    if (line === '') return [];
    const read = readLine(line);
    if (typeof read === 'string') throw damaged(name, index + 1, read);
    return read;
  });
}

/** What can be kept of a damaged file: its sound lines as they are, and how many are none. */
export function soundLines(text: string): { text: string; dropped: number } {
  const lines = text.split('\n').filter((line) => line !== '');
  const sound = lines.filter((line) => typeof readLine(line) !== 'string');
  return { text: sound.map((line) => `${line}\n`).join(''), dropped: lines.length - sound.length };
}

export function inOrder(records: readonly LedgerRecord[]): LedgerRecord[] {
  return [...records].sort((a, b) => a.startedAt.localeCompare(b.startedAt));
}

/** The record, or what is wrong with the line. */
function readLine(line: string): LedgerRecord | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'is not JSON';
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `is not a record of a known version (${issue?.path.join('.') || issue?.message})`;
}

function damaged(name: string, line: number, what: string) {
  return new IntegrityError(`The ledger is damaged: line ${line} of ${name} ${what}.`, {
    hint: 'Backups themselves are not touched by this. Mend or remove that line, or run `holdfast ledger rebuild --discard-damaged`.',
    publicReason: 'the ledger is damaged',
  });
}
