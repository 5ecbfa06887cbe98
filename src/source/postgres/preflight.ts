import type pg from 'pg';
import { ConfigError, type HoldfastError, SourceError } from '../../lib/errors.ts';
import { pastThePooler } from './hosting.ts';
import { connectionOf } from './wire.ts';

/** Rounds of the comparison: a busy pooler may by chance hand out the same sessions once or twice. */
const rounds = 6;
/** How long a second session may take to come, milliseconds; PgBouncer would let us wait two minutes. */
const usualPatienceMs = 15_000;

/**
 * Makes sure that a connection has a server session of its own. Behind a pooler in transaction or statement mode it has
 * not: a snapshot would be lost, and the settings of a backup would stay behind in sessions of the application. So this
 * comes before any setting is made, and asks for nothing but the number of the server process.
 *
 * A direct server announces its process at login; a pooler announces a number of its own. Only then is a second
 * connection opened, to see whether a process moves from one to the other.
 *
 * @param openAnother opens a second connection to the same address, without settings
 * @throws ConfigError when sessions are shared; SourceError when the pooler gives no second session in time
 */
export async function refuseSharedSessions(
  client: pg.Client,
  openAnother: () => Promise<pg.Client>,
  label: string,
  patienceMs = usualPatienceMs,
): Promise<void> {
  const announced = (client as unknown as { processID: number | null }).processID;
  if ((await processOf(client)) === announced) return;
  const another = await openAnother();
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    for (const each of [client, another]) connectionOf(each).stream.destroy();
  }, patienceMs);
  try {
    if (await areShared(client, another)) throw shared(client, label);
  } catch (error) {
    throw isLate ? noSecondSession(client, label, patienceMs) : error;
  } finally {
    clearTimeout(late);
    connectionOf(another).stream.destroy();
  }
}

async function processOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  return rows[0]!.pid;
}

/** True once a process served both, or one of them was served by two. */
async function areShared(first: pg.Client, second: pg.Client): Promise<boolean> {
  const seen = new Map<pg.Client, number>();
  const other = (client: pg.Client) => (client === first ? second : first);
  const hasMoved = async (client: pg.Client) => {
    const process = await processOf(client);
    const before = seen.get(client) ?? process;
    seen.set(client, process);
    return process !== before || process === seen.get(other(client));
  };
  if ((await hasMoved(first)) || (await hasMoved(second))) return true;
  for (let round = 0; round < rounds; round++) {
    const holder = round % 2 === 0 ? second : first;
    try {
      // A transaction holds a session, so the other connection must be given one it did not have.
      await holder.query('BEGIN READ ONLY');
      // The holder first: with one session in the pool the other would wait for it in vain.
      if ((await hasMoved(holder)) || (await hasMoved(other(holder)))) return true;
      await holder.query('ROLLBACK');
    } catch (error) {
      if (/statement pooling/.test((error as Error).message)) return true;
      throw error;
    }
  }
  return false;
}

function shared(client: pg.Client, label: string): HoldfastError {
  const named = pastThePooler(client.host, client.port);
  const general =
    'Give the URL of the server itself, or of the pooler’s session mode (PgBouncer: pool_mode = session).';
  return new ConfigError(
    `${client.host}:${client.port} for ${label} is a pooler that shares server sessions (transaction or statement mode); ` +
      'a backup needs a session of its own for each connection. Nothing was read or written.',
    {
      hint: named ? `${named} ${general}` : general,
      publicReason: 'the database URL leads to a pooler in transaction mode',
    },
  );
}

function noSecondSession(client: pg.Client, label: string, patienceMs: number): HoldfastError {
  return new SourceError(
    `The pooler at ${client.host}:${client.port} for ${label} gave no second server session within ${patienceMs / 1000} s. ` +
      'Nothing was read or written.',
    {
      hint: 'A backup needs max-connections + 2 sessions at once: raise the pool’s size, or give the URL of the server itself.',
      publicReason: 'the pooler has too few sessions',
    },
  );
}
