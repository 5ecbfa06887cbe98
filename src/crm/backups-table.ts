import type pg from 'pg';
import { ConfigError } from '../lib/errors.ts';
import { qualifiedName, quoteLiteral } from '../lib/sql.ts';
import { preRestoreTrigger } from './rules.ts';
import { type BackupType, type ColumnWords, statusWords, typeWords, wordFor } from './words.ts';

/** How to speak with the `backups` table as this CRM has it. The parts ending in `Sql` hold no value from outside. */
export interface BackupsTable {
  /** Quoted, with its schema. */
  name: string;
  /** The audit log beside it. */
  auditName: string;
  /** `text::…` to the types of those columns. */
  typeCast: string;
  statusCast: string;
  /** What to write; null for a status that the column has no word for. */
  typeWord: Record<BackupType, string>;
  successWord: string;
  failedWord: string;
  /** Of a failed attempt: NULL, or an empty object where NULL is not allowed. */
  noDataSql: string;
  /** `Auto`, `Manual` or `Pre-restore` of a row. */
  typeSql: string;
  isSuccessSql: string;
}

/** The columns of the mission's table. */
export const backupsColumns = [
  'id',
  'date',
  'size_kb',
  'type',
  'status',
  'data',
  'enquiry_count',
  'trigger_event',
  'created_at',
];

interface ColumnRow {
  name: string;
  type: string;
  is_required: boolean;
  labels: string[];
  checks: string[];
  usual: string | null;
}

const columnsQuery = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS is_required,
         ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = a.atttypid ORDER BY e.enumsortorder) AS labels,
         ARRAY(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
               WHERE k.conrelid = a.attrelid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]) AS checks,
         (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) AS usual
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = 'backups' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`;

/** @throws ConfigError when the table is not there, lacks a column, or has no word for a success or a failure */
export async function readBackupsTable(client: pg.ClientBase, schema: string): Promise<BackupsTable> {
  const { rows } = await client.query<ColumnRow>(columnsQuery, [schema]);
  const columns = new Map(rows.map((row) => [row.name, row]));
  const missing = backupsColumns.filter((column) => !columns.has(column));
  if (missing.length > 0) {
    const what = rows.length === 0 ? 'does not exist' : `lacks ${missing.join(', ')}`;
    throw new ConfigError(`The table ${schema}.backups ${what}.`, {
      hint: 'Run the migration (docs/crm.md).',
    });
  }
  const type = columns.get('type')!;
  const status = columns.get('status')!;
  const types = wordsOf(type);
  const statuses = wordsOf(status);
  const isBoolean = status.type === 'boolean';
  const manual = wordFor(types, typeWords.Manual, 'Manual') ?? unknownWord(schema, type);
  const preRestore = wordFor(types, typeWords['Pre-restore'], 'Pre-restore');
  return {
    name: qualifiedName({ schema, name: 'backups' }),
    auditName: qualifiedName({ schema, name: 'backup_audit' }),
    typeCast: `text::${type.type}`,
    statusCast: `text::${status.type}`,
    typeWord: {
      Auto: wordFor(types, typeWords.Auto, 'Auto') ?? unknownWord(schema, type),
      Manual: manual,
      // A list of just two types is common; `trigger_event` tells a Pre-restore one then.
      'Pre-restore': preRestore ?? manual,
    },
    successWord: isBoolean
      ? 'true'
      : (wordFor(statuses, statusWords.Success, 'Success') ?? unknownWord(schema, status)),
    failedWord: isBoolean
      ? 'false'
      : (wordFor(statuses, statusWords.Failed, 'Failed') ?? unknownWord(schema, status)),
    noDataSql: columns.get('data')!.is_required ? `'{}'::jsonb` : 'NULL::jsonb',
    typeSql: typeSql(),
    isSuccessSql: `coalesce(${oneOf('status', statusWords.Success)}, false)`,
  };
}

function typeSql(): string {
  return `CASE WHEN ${oneOf('type', typeWords['Pre-restore'])} OR trigger_event = ${quoteLiteral(preRestoreTrigger)} THEN 'Pre-restore'
    WHEN ${oneOf('type', typeWords.Auto)} THEN 'Auto' ELSE 'Manual' END`;
}

function oneOf(column: string, words: readonly string[]): string {
  return `regexp_replace(lower(${column}::text), '[^a-z]', '', 'g') IN (${words.map(quoteLiteral).join(', ')})`;
}

function wordsOf({ labels, checks, usual }: ColumnRow): ColumnWords {
  const literals = checks.flatMap(literalsOf);
  return { allowed: [...labels, ...literals], usual: usual === null ? null : (literalsOf(usual)[0] ?? null) };
}

function literalsOf(sql: string): string[] {
  return [...sql.matchAll(/'((?:[^']|'')*)'/g)].map(([, text]) => text!.replaceAll("''", "'"));
}

function unknownWord(schema: string, column: ColumnRow): never {
  throw new ConfigError(
    `The column ${column.name} of ${schema}.backups accepts only words that say nothing to us: ${[...column.labels, ...column.checks].join(', ')}.`,
    { hint: 'docs/crm.md lists the words that are understood.' },
  );
}
