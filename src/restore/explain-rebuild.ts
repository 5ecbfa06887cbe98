import pg from 'pg';
import { ConfigError, HoldfastError, IntegrityError, SourceError } from '../lib/errors.ts';
import { isTroubleOfServer } from '../source/postgres/explain-server.ts';
import { explainRefusal } from './explain-refusal.ts';

/**
 * What a failure while rebuilding means: the server refusing the backup's own content is a failed proof; a server that
 * lacks an extension, or a lost connection, says nothing about the backup.
 */
export function explainRebuild(error: unknown, what: string, script?: string): unknown {
  if (error instanceof HoldfastError) return error;
  const lacking = error instanceof pg.DatabaseError ? whatIsLacking(error, what) : null;
  if (lacking) return lacking;
  if (isTroubleOfServer(error)) {
    const { message } = error as Error;
    return new SourceError(
      `The target server or the connection to it failed while ${what} was restored: ${message}.`,
      {
        hint: 'The backup is untouched; running it again is safe.',
        publicReason: 'the connection to the target was lost',
        cause: error,
      },
    );
  }
  if (!(error instanceof pg.DatabaseError)) return error;
  const where = script && error.position ? ` in "${statementAt(script, Number(error.position))}"` : '';
  const known = explainRefusal(error, script);
  return new IntegrityError(
    `The server refused ${what}: ${error.message}${known?.where ?? ''} (SQLSTATE ${error.code})${where}.`,
    {
      hint:
        known?.hint ??
        'The backup does not restore as it is. Keep it, take another, and look at what this statement needs.',
      publicReason: 'the backup could not be rebuilt',
      cause: error,
    },
  );
}

/** What the target has not, and the user can give it; null when it is something else. */
function whatIsLacking(error: pg.DatabaseError, what: string): ConfigError | null {
  const untouched = 'The backup is untouched.';
  const extension = /extension "([^"]+)" is not available/.exec(error.message)?.[1];
  if (extension || error.code === '58P01') {
    return new ConfigError(`The target server lacks what the backup needs: ${error.message}.`, {
      hint: `Give a server that has ${extension ?? 'it'} with --scratch ENV_OR_URL. ${untouched}`,
      publicReason: 'the target server lacks an extension',
    });
  }
  if (error.code === '53200' && error.hint?.includes('max_locks_per_transaction')) {
    return new ConfigError(`The target server has too few locks for ${what}: ${error.message}.`, {
      hint: `Raise max_locks_per_transaction on the target. ${untouched}`,
      publicReason: 'the target server is too small for the schema',
    });
  }
  const collation = /^collation "(.+)" for encoding/.exec(error.message)?.[1];
  if (collation !== undefined || /^could not create locale/.test(error.message)) {
    return new ConfigError(`The target server lacks a collation for ${what}: ${error.message}.`, {
      hint: `Install the locale on its machine, or give a server that has it with --scratch ENV_OR_URL. ${untouched}`,
      publicReason: 'the target server lacks a collation',
    });
  }
  if (error.code === '22023' && error.message.includes('"default_tablespace"')) {
    return new ConfigError(`The target server lacks a tablespace for ${what}: ${error.message}.`, {
      hint: `CREATE TABLESPACE on the target first, with the name it has in the source. ${untouched}`,
      publicReason: 'the target server lacks a tablespace',
    });
  }
  const role = error.code === '42704' ? /role "([^"]+)" does not exist/.exec(error.message)?.[1] : undefined;
  if (role === undefined && error.code !== '42501') return null;
  const mend = role
    ? `CREATE ROLE "${role}" on the target first`
    : 'Restore as a role that may do this, or grant it';
  return new ConfigError(`The restoring role lacks a right for ${what}: ${error.message}.`, {
    hint: `${mend}. ${untouched}`,
    publicReason: 'the restoring role lacks a right',
  });
}

/** The first words of the statement at a 1-based character position of a script. */
function statementAt(script: string, position: number): string {
  const from = script.lastIndexOf('\n\n', position - 1) + 1;
  return script
    .slice(from, position + 60)
    .trim()
    .replaceAll(/\s+/g, ' ')
    .slice(0, 120);
}
