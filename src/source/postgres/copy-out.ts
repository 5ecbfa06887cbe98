import type pg from 'pg';
import { type CopyEvent, CopyReader } from './copy-reader.ts';

/**
 * A network that died is noticed by TCP's keep-alive. This is for a server that lives and says nothing: one that is stopped,
 * or whose disk is. Half an hour, because a table of dead rows alone is read for long before its first row comes.
 */
const silenceLimitMs = 30 * 60_000;

/**
 * Runs one or several `COPY … TO STDOUT;` in a single simple query and yields their rows in blocks. PostgreSQL sends
 * one message per row, so the reader copies payloads straight from the socket's chunks into blocks and makes no object
 * per row; many small tables in one query cost a single round trip.
 *
 * Leaving the loop early destroys the connection.
 *
 * @param limitMs how long the server may say nothing while it is listened to
 * @throws pg's DatabaseError as the server sent it; IntegrityError when the rows seen differ from the server's count;
 *         SourceError when the server says nothing more
 */
export async function* copyOut(
  client: pg.ClientBase,
  sql: string,
  limitMs = silenceLimitMs,
): AsyncGenerator<CopyEvent, void, void> {
  const reader = new CopyReader(client, sql, limitMs);
  client.query(reader as unknown as pg.Submittable);
  try {
    for (;;) {
      const event = await reader.next();
      if (event === null) return;
      yield event;
    }
  } finally {
    reader.abandon();
  }
}
