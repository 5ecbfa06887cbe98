import { type Connected, serverMajor } from '../source/postgres/connect.ts';

/**
 * Keeps the event triggers of a restored database from firing on this connection: they exist before materialized views are
 * filled, and a guard against DDL would refuse that. Releases from 17 on are told as a scratch connection is made
 * (scratch/open.ts). Foreign keys are checked all the same as they are added.
 */
export async function silenceEventTriggers({ client, parameters }: Connected): Promise<void> {
  if (serverMajor(parameters) >= 17) return;
  // Only a superuser may; without the right, what comes next tells what is wrong.
  await client.query('SET session_replication_role = replica').catch(() => {});
}
