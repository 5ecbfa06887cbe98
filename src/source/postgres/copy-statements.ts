import { qualifiedName, quoteIdentifier } from '../../lib/sql.ts';
import type { SourceTable } from './catalog.ts';

/** The column list of a COPY, with its leading space; none for a table without columns to name. */
export function columnList(columns: readonly string[]): string {
  return columns.length === 0 ? '' : ` (${columns.map(quoteIdentifier).join(', ')})`;
}

/** The statement that reads a table's own rows as COPY text. */
export function copyOutStatement(table: Pick<SourceTable, 'schema' | 'name' | 'columns' | 'filter'>): string {
  const from = qualifiedName(table);
  if (table.filter === null) return `COPY ${from}${columnList(table.columns)} TO STDOUT;`;
  return `COPY (SELECT ${table.columns.map(quoteIdentifier).join(', ')} FROM ONLY ${from} ${table.filter}) TO STDOUT;`;
}
