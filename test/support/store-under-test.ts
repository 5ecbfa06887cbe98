import { expect } from 'vitest';
import { type HoldfastError, StoreError } from '../../src/lib/errors.ts';
import type { Store } from '../../src/store/store.ts';

/** What a kind of store supplies to be tested. */
export interface StoreUnderTest {
  store: Store;
  /** An object of no bytes is refused, because to this kind of store it would mean that something went wrong. */
  refusesEmpty?: boolean;
  /** Where buffers of a fixed size need more than usual: a larger object, so that the limit still proves that it is flat. */
  memory?: { objectMb: number; limitMb: number };
  /** Everything that is there, seen past the store: whole objects and any unfinished ones. */
  everything(): Promise<string[]>;
  /** From now on the outside world refuses what is written. */
  refuseWrites(): Promise<void>;
  /** From now on the outside world does not let this object be read. */
  refuseReads(key: string): Promise<void>;
  close(): Promise<void>;
}

/** A store error in plain words, of which the public part names nothing. */
export function expectPlain(error: Error) {
  expect(error).toBeInstanceOf(StoreError);
  expect((error as HoldfastError).hint ?? error.message).toBeTruthy();
  expect((error as HoldfastError).publicReason).not.toMatch(/\/|crm/);
}
