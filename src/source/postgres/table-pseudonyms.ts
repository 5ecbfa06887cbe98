import { createHmac, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type pg from 'pg';
import { qualifiedName } from '../../lib/sql.ts';
import { readSystemIdentifier } from './system-identifier.ts';

/**
 * Names of tables for the public ledger: stable from backup to backup, and meaningless to whoever does not hold the
 * database. The key comes from what only the server knows, so that a backup job needs no further secret.
 */

interface TableName {
  schema: string;
  name: string;
}

export interface TablePseudonyms {
  /** Tells whether two sets of pseudonyms were made with one key: eight hexadecimal digits. */
  keyId: string;
  /** The table's pseudonym. A partition has that of the table it belongs to, because partitions come and go. */
  of(table: TableName): string;
  /** The table that the pseudonym stands for, as `schema.table`; a partition's is the table it belongs to. */
  nameOf(table: TableName): string;
  /** Eight hexadecimal digits that tell whether a text is the same as in another backup. */
  digestOf(text: string): string;
}

const oidQuery = 'SELECT oid::text AS oid FROM pg_database WHERE datname = current_database()';

const rootsQuery = `
  SELECT n.nspname AS schema, c.relname AS name, rn.nspname AS root_schema, r.relname AS root_name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_class r ON r.oid = pg_partition_root(c.oid) JOIN pg_namespace rn ON rn.oid = r.relnamespace
  WHERE c.relispartition AND c.relkind IN ('r', 'p')`;

/**
 * Makes pseudonyms of the database that the client is connected to; null where the role may not read the server's
 * identifier. They change when the database moves to another server, and stay when it is renamed.
 *
 * @throws PostgreSQL's own error
 */
export async function readTablePseudonyms(client: pg.ClientBase): Promise<TablePseudonyms | null> {
  const system = await readSystemIdentifier(client);
  if (system === null) return null;
  const found = await client.query<{ oid: string }>(oidQuery);
  const { rows } = await client.query<{
    schema: string;
    name: string;
    root_schema: string;
    root_name: string;
  }>(rootsQuery);
  const roots = new Map(
    rows.map((row) => [qualifiedName(row), { schema: row.root_schema, name: row.root_name }]),
  );
  const root = (table: TableName) => roots.get(qualifiedName(table)) ?? table;
  const key = await keyOf(system, found.rows[0]!.oid);
  const hex = (kind: string, text: string, digits: number) =>
    createHmac('sha256', key).update(`${kind}\0${text}`).digest('hex').slice(0, digits);
  return {
    keyId: hex('key', '', 8),
    of: (table) => hex('table', qualifiedName(root(table)), 12),
    nameOf: (table) => {
      const { schema, name } = root(table);
      return `${schema}.${name}`;
    },
    digestOf: (text) => hex('text', text, 8),
  };
}

/**
 * The identifier is made of the second, the microsecond and the process of `initdb`: some 50 bits to somebody who knows
 * about when. A slow derivation keeps those out of reach of trying them all: 32 MiB and a tenth of a second for each.
 */
function keyOf(system: string, databaseOid: string): Promise<Buffer> {
  const derive = promisify<string, string, number, object, Buffer>(scrypt);
  const cost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 };
  return derive(`${system} ${databaseOid}`, 'holdfast table pseudonyms 1', 32, cost);
}
