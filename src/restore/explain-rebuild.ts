import pg from 'pg';
import { ConfigError, HoldfastError, IntegrityError, SourceError } from '../lib/errors.ts';

/**
 * What a failure while rebuilding means: the server refusing the backup's own content is a failed proof; a server that
 * lacks an extension, or a lost connection, says nothing about the backup.
 */
export function explainRebuild(error: unknown, what: string, script?: string): unknown {
  if (error instanceof HoldfastError) return error;
  if (!(error instanceof pg.DatabaseError)) {
    return new SourceError(
      `The connection to the target was lost while ${what} was restored: ${(error as Error).message}.`,
      {
        hint: 'The backup is untouched; running it again is safe.',
        publicReason: 'the connection to the target was lost',
        cause: error,
      },
    );
  }
  const extension = /extension "([^"]+)" is not available/.exec(error.message)?.[1];
  if (extension || error.code === '58P01') {
    return new ConfigError(`The target server lacks what the backup needs: ${error.message}.`, {
      hint: `Give a server that has ${extension ?? 'it'} with --scratch ENV_OR_URL. The backup is untouched.`,
      publicReason: 'the target server lacks an extension',
    });
  }
  const role = error.code === '42704' ? /role "([^"]+)" does not exist/.exec(error.message)?.[1] : undefined;
  if (role !== undefined || error.code === '42501') {
    return new ConfigError(`The restoring role lacks a right for ${what}: ${error.message}.`, {
      hint: `${role ? `CREATE ROLE "${role}" on the target first` : 'Restore as a role that may do this, or grant it'}. The backup is untouched.`,
      publicReason: 'the restoring role lacks a right',
    });
  }
  if (error.code === '53200' && error.hint?.includes('max_locks_per_transaction')) {
    return new ConfigError(`The target server has too few locks for ${what}: ${error.message}.`, {
      hint: 'Raise max_locks_per_transaction on the target. The backup is untouched.',
      publicReason: 'the target server is too small for the schema',
    });
  }
  const where = script && error.position ? ` in "${statementAt(script, Number(error.position))}"` : '';
  return new IntegrityError(
    `The server refused ${what}: ${error.message} (SQLSTATE ${error.code})${where}.`,
    {
      hint: 'The backup does not restore as it is. Keep it, take another, and look at what this statement needs.',
      publicReason: 'the backup could not be rebuilt',
      cause: error,
    },
  );
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
