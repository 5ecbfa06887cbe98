import { z } from 'zod';

/** `tables.json`: which tables the data streams hold. It stands before the rows, so a reader knows them as they come. */

export const tableEntry = z.strictObject({
  ordinal: z.int().positive(),
  schema: z.string(),
  name: z.string(),
  /** Columns in COPY order; empty for a table without columns to carry. */
  columns: z.array(z.string()),
  /** Condition that picks the user's rows of an extension's configuration table; null: all rows. */
  filter: z.string().nullable(),
  /** The line that begins the table in its stream, without its line feed; unique in the archive. */
  copy: z.string(),
  estimatedRows: z.int().nonnegative(),
});

/** Where the rows were read: enough to make a database like it, and to refuse restoring over it by mistake. */
export const sourceSchema = z.strictObject({
  /** The tables are those of a CRM's JSON, with columns inferred from it; absent when a database itself was read. */
  kind: z.literal('crm-api').optional(),
  serverVersion: z.string(),
  serverMajor: z.int(),
  /** `pg_control_system().system_identifier`; null where the role may not read it. */
  systemIdentifier: z.string().nullable(),
  databaseName: z.string(),
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  /** Absent in the first archives. */
  locale: z
    .strictObject({
      provider: z.enum(['libc', 'icu', 'builtin']),
      locale: z.string().nullable(),
      rules: z.string().nullable(),
      version: z.string().nullable(),
    })
    .optional(),
  /** `schema.table` of partitioned tables whose bounds depend on the database's order of text; absent in the first. */
  partitionsByText: z.array(z.string()).optional(),
});

export const tablesSchema = z.strictObject({
  version: z.literal(1),
  /** COPY's format. Readers refuse one they don't know. */
  rowFormat: z.literal('text'),
  source: sourceSchema,
  tables: z.array(tableEntry),
});

export type SourceDescription = z.infer<typeof sourceSchema>;
export type TableEntry = z.infer<typeof tableEntry>;
export type Tables = z.infer<typeof tablesSchema>;
