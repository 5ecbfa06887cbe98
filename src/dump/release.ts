import type pg from 'pg';
import type { SourceLoad } from '../archive/source-load.ts';
import type { Snapshot } from '../source/postgres/snapshot.ts';

/** Ends the transactions, and with them snapshot and locks: all is read, and stores may take their time. */
export async function release(
  clients: readonly pg.ClientBase[],
  of: {
    snapshot: Snapshot;
    options: { connections: number; bytesPerSecond?: number | null };
    now: () => number;
  },
): Promise<SourceLoad> {
  await Promise.all(clients.map((client) => client.query('COMMIT')));
  const { connections, bytesPerSecond = null } = of.options;
  const { takenAt, lockWaitMs } = of.snapshot;
  return { connections, bytesPerSecond, lockWaitMs, snapshotMs: Math.max(0, of.now() - takenAt) };
}
