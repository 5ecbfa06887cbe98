import { StoreError } from '../lib/errors.ts';
import type { Store } from './store.ts';

/** A store that takes nothing for so long is given up, so that it does not hold up the others and the snapshot. */
export const defaultStallMs = 10 * 60_000;

/**
 * Waits for something that a store does, and gives up when nothing moves for a time. What it was doing goes on unseen.
 *
 * @param hasMoved whether it got on since the last time it was asked; left out: the work has no parts
 * @throws what the work throws; StoreError when it stalls
 */
export async function untilStalled<T>(
  store: Pick<Store, 'name'>,
  work: Promise<T>,
  stallMs: number,
  hasMoved: () => boolean = () => false,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const stalled = new Promise<never>((_, reject) => {
    const check = () => {
      if (hasMoved()) timer = setTimeout(check, stallMs);
      else reject(stallOf(store, stallMs));
    };
    timer = setTimeout(check, stallMs);
  });
  try {
    return await Promise.race([work, stalled]);
  } finally {
    clearTimeout(timer);
  }
}

function stallOf({ name }: Pick<Store, 'name'>, stallMs: number): StoreError {
  return new StoreError(
    `Store ${name} took nothing for ${Math.round(stallMs / 1000)} seconds and was given up.`,
    {
      hint: 'Copies in other stores are not affected. `holdfast copy` brings this one the backup when it is well again.',
      publicReason: 'a store stalled',
    },
  );
}
