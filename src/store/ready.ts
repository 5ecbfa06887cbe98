import type { Store } from './store.ts';

/**
 * Refuses to begin when no store could take anything, before a source is read for it. One that could not beside others
 * that can costs its own copy and no more.
 *
 * @throws ConfigError of the first store
 */
export async function refuseUnready(stores: readonly Store[]): Promise<void> {
  const answers = await Promise.allSettled(stores.map((store) => store.ready?.()));
  const unready = answers.filter((answer) => answer.status === 'rejected');
  if (unready.length === stores.length) throw unready[0]!.reason;
}
