import type { SourceTable } from '../source/postgres/catalog.ts';
import type { ChosenTables } from './choose-tables.ts';

/**
 * Chosen tables that the target lacks or has with other columns, in plain words: their rows can't be put there.
 *
 * @param found all tables of the target
 */
export function tablesThatDiffer({ restored }: ChosenTables, found: readonly SourceTable[]): string[] {
  return restored.flatMap((table) => {
    const there = found.find(({ schema, name }) => schema === table.schema && name === table.name);
    const name = `${table.schema}.${table.name}`;
    const otherwise = 'restore into a new database (--mode new) and copy what you need';
    if (!there) return [`the table ${name} is not in the target: ${otherwise}`];
    if (JSON.stringify(there.columns) !== JSON.stringify(table.columns))
      return [`the table ${name} has other columns in the target than in the backup: ${otherwise}`];
    return [];
  });
}
