import pg from 'pg';
import { HoldfastError, SourceError } from '../../lib/errors.ts';

/** What a socket or `pg` says when a connection is gone. */
const lostConnection = /Connection terminated|not queryable|ECONNRESET|EPIPE|ETIMEDOUT/;
/**
 * SQLSTATE classes that tell of the server's own state and nothing of the content: connection, resources (disk full, out
 * of memory), ended by an administrator, system error. PostgreSQL's manual, appendix A.
 */
const ofServer = /^(08|53|57|58|25P03|25P04|55P03)/;

/** Whether an error tells of the server or the way to it, and so nothing about what was being read or restored. */
export function isTroubleOfServer(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return ofServer.test(error.code ?? '');
  return error instanceof Error && lostConnection.test(error.message);
}

/**
 * What a server said or did in the middle of work is the outside world's doing, and no bug of ours.
 *
 * @param doing such as `the catalog was read`
 * @returns a SourceError for what came from the server or the connection; anything else unchanged
 */
export function explainServer(error: unknown, doing: string): unknown {
  if (error instanceof HoldfastError) return error;
  if (isTroubleOfServer(error)) {
    return new SourceError(
      `The server or the connection to it failed while ${doing}: ${(error as Error).message}.`,
      {
        hint: 'Earlier backups are untouched; running it again is safe.',
        publicReason: 'the database connection was lost',
        cause: error,
      },
    );
  }
  if (!(error instanceof pg.DatabaseError)) return error;
  return new SourceError(`The server refused while ${doing}: ${error.message} (SQLSTATE ${error.code}).`, {
    hint: 'Earlier backups are untouched. If a migration was under way, run it again afterwards.',
    publicReason: 'the database refused to be read',
    cause: error,
  });
}

/** Runs a piece of work whose server errors are explained so. */
export async function explaining<T>(doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainServer(error, doing);
  }
}
