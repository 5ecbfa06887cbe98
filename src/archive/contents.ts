import { readFileSync } from 'node:fs';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../lib/sql.ts';
import type { SourceSequence } from '../source/postgres/sequences.ts';

/** The small text entries of an archive, written so that psql runs them as they are. */

export const restoreScript = readFileSync(new URL('./restore.sh', import.meta.url));

export function readme(id: string, snapshotAt: string): string {
  return `Holdfast backup ${id}
PostgreSQL as of ${snapshotAt}

To restore it by hand into an empty database:

  bash restore.sh postgres://user:password@host/empty_database

tables.json          which tables there are, and their columns
schema/roles.sql     roles that own something here, created without login where they are missing
schema/pre-data.sql  types, functions, tables (from pg_dump)
data/*/*.sql.zst     rows: psql scripts of COPY, compressed with zstd, in order within each folder
sequences.sql        sequence values
schema/post-data.sql indexes, constraints, triggers (from pg_dump)
schema/database.sql  owner, comment, privileges and settings of the database itself
manifest.json        row counts and digests of all of it
`;
}

/** Creates missing roles without login; a user who may not is warned, not stopped. */
export function rolesScript(roles: readonly string[]): string {
  return roles
    .map((role) => {
      const body = `BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(role)}) THEN
    CREATE ROLE ${quoteIdentifier(role)} NOLOGIN;
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE WARNING 'role % is missing and may not be created', ${quoteLiteral(role)};
END`;
      // A quoted body: no role name can end it, as it could a dollar-quoted one.
      return `DO ${quoteLiteral(body)};\n`;
    })
    .join('');
}

export function sequencesScript(sequences: readonly SourceSequence[]): string {
  const lines = sequences.map((sequence) => {
    const name = quoteLiteral(qualifiedName(sequence));
    return `SELECT pg_catalog.setval(${name}, ${sequence.lastValue}, ${sequence.isCalled});\n`;
  });
  return lines.join('');
}

/**
 * Takes out what the bundled pg_dump writes and an older server refuses, so that psql does not stop there: a parameter
 * that came with 17, in the head of the script, and an option of subscriptions that came with 16, in pg_dump's own entries.
 */
export function forServer(script: Buffer, serverMajor: number): Buffer {
  if (serverMajor >= 17) return script;
  const head = without(script, 'SET transaction_timeout = 0;\n', 2048);
  if (serverMajor >= 16 || !head.includes('; Type: SUBSCRIPTION; ')) return head;
  const entry =
    /^(-- Name: [^\n]*; Type: SUBSCRIPTION; [^\n]*\n--\n\nCREATE SUBSCRIPTION [^\n]*?), run_as_owner = (?:true|false)/gm;
  return Buffer.from(head.toString('utf8').replaceAll(entry, '$1'));
}

/** Further down the same text may stand inside a function. */
function without(script: Buffer, line: string, searchBytes: number): Buffer {
  const at = script.subarray(0, searchBytes).indexOf(line);
  return at < 0 ? script : Buffer.concat([script.subarray(0, at), script.subarray(at + line.length)]);
}
