import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { ConfigError } from '../lib/errors.ts';
import { copyRows } from './copy-rows.ts';
import { crmTables } from './crm-tables.ts';
import { monthPartitionsSql } from './month-partitions.ts';
import { timelineUntil } from './timeline.ts';

const anyRelation = `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%' LIMIT 1`;

/**
 * Builds the sample CRM in an empty database: schema, rows, keys, statistics. Equal options give equal rows.
 *
 * About 2.5 KB of rows per enquiry (10,000 are some 25 MB), ten activities to each, over the 18 months before
 * `now`; nothing reads the clock. Rows are streamed, so memory is flat. One transaction: after an error the
 * database is as empty as before. The client must not be inside a transaction.
 *
 * `tables` counts those that hold rows of their own, a partition as one; `rows` is what the server counted.
 *
 * @throws ConfigError when the database is not empty; RangeError for a number of enquiries, or a `now`, that is none.
 */
export async function fillCrm(
  client: pg.Client,
  options: { seed: number; enquiries: number; now: Date },
): Promise<{ tables: number; rows: number }> {
  const { seed, enquiries, now } = options;
  if (!Number.isSafeInteger(enquiries) || enquiries < 0) {
    throw new RangeError(`enquiries must be a whole number from 0, not ${enquiries}`);
  }
  await refuseUsedDatabase(client);
  const timeline = timelineUntil(now, enquiries);
  let rows = 0;
  await client.query('BEGIN');
  try {
    await client.query(await sqlFile('crm-schema.sql'));
    await client.query(monthPartitionsSql(timeline));
    for (const table of crmTables({ seed, enquiries, timeline })) {
      rows += await copyRows(client, table.target, table.rows, { freeze: !table.partitioned });
    }
    await client.query(await sqlFile('crm-constraints.sql'));
    await advanceSequences(client, enquiries);
    await client.query('COMMIT');
  } catch (error) {
    // The first error is the one worth reading, also when it took the connection with it.
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
  await client.query('ANALYZE');
  return { tables: await tableCount(client), rows };
}

async function refuseUsedDatabase(client: pg.Client) {
  const { rows } = await client.query<{ name: string }>(anyRelation);
  if (rows[0]) {
    throw new ConfigError(`The sample CRM needs an empty database; this one already has ${rows[0].name}.`, {
      hint: 'Create a new database and give its URL.',
    });
  }
}

function sqlFile(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}

/** The rows came with their numbers; the next one made by the application must not repeat any. */
async function advanceSequences(client: pg.Client, enquiries: number) {
  const owned: [table: string, column: string][] = [
    ['public.staff', 'id'],
    ['public.enquiries', 'id'],
    ['public.activity_log', 'id'],
    ['public."Tag"', 'id'],
    ['public.backups', 'id'],
    ['billing.invoices', 'id'],
  ];
  for (const [table, column] of owned) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 1), count(*) > 0) FROM ${table}`,
    );
  }
  await client.query(`SELECT setval('public.enquiry_reference_seq', greatest($1::int, 1), $1::int > 0)`, [
    enquiries,
  ]);
}

async function tableCount(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_class WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'billing'::regnamespace)`,
  );
  return rows[0]!.count;
}
