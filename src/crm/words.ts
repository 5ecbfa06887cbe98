/**
 * The mission's words for `type` and `status`, and those that tables of existing CRMs use in their place. Reading
 * understands all of them; writing uses the one that the table accepts.
 */
export type BackupType = 'Auto' | 'Manual' | 'Pre-restore';

/** Lower-case letters only, as `plainWord` makes them. */
export const typeWords: Record<BackupType, readonly string[]> = {
  Auto: ['auto', 'automated', 'automatic', 'scheduled'],
  Manual: ['manual', 'user'],
  'Pre-restore': ['prerestore', 'beforerestore'],
};

export const statusWords = {
  Success: ['true', 'success', 'successful', 'succeeded', 'completed', 'complete', 'done', 'ok'],
  Failed: ['false', 'failed', 'failure', 'fail', 'error'],
} as const;

export function plainWord(text: string): string {
  return text.toLowerCase().replace(/[^a-z]/g, '');
}

/** What the catalog says about the words of a column. */
export interface ColumnWords {
  /** Literals of a CHECK, or the labels of an enum. */
  allowed: readonly string[];
  /** The column's default, when it is a literal. */
  usual: string | null;
}

/**
 * The word to write into a column.
 *
 * @param meant synonyms in plain form; the column's own spelling of one of them is used
 * @param otherwise for a column that takes any text
 * @returns null when the column accepts a closed list that has none of these
 */
export function wordFor(column: ColumnWords, meant: readonly string[], otherwise: string): string | null {
  const known = [...column.allowed, ...(column.usual === null ? [] : [column.usual])];
  const found = known.find((word) => meant.includes(plainWord(word)));
  if (found !== undefined) return found;
  if (column.allowed.length > 0) return null;
  const isLowerCase = column.usual !== null && column.usual === column.usual.toLowerCase();
  return isLowerCase ? otherwise.toLowerCase() : otherwise;
}
