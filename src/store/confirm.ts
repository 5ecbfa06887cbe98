import { keysOf } from '../archive/backup-id.ts';
import type { Receipt } from '../archive/receipt.ts';
import { copyOf } from '../ledger/of-receipt.ts';
import type { Copy } from '../ledger/record.ts';
import { IntegrityError, StoreError } from '../lib/errors.ts';
import { putReceipt } from './receipts.ts';
import { defaultStallMs, untilStalled } from './stall.ts';
import type { Store } from './store.ts';

export interface FailedStore {
  store: string;
  message: string;
}

/**
 * Writes the receipt to every store that took the archive, which makes the backup exist there. Where that fails, the
 * archive is removed again.
 *
 * @param outcomes of `putEverywhere`: only what this run has put is ever removed
 * @throws the first store's error when none is left
 */
export async function confirmCopies(
  outcomes: readonly { store: Store; error: unknown }[],
  receipt: Receipt,
  { stallMs = defaultStallMs } = {},
): Promise<{ copies: Copy[]; failedStores: FailedStore[] }> {
  const copies: Copy[] = [];
  const failedStores: FailedStore[] = [];
  let firstError: unknown = null;
  for (const { store, error } of outcomes) {
    try {
      if (error) throw error;
      copies.push(await confirmCopy(store, receipt, stallMs));
    } catch (problem) {
      firstError ??= problem;
      failedStores.push({ store: store.name, message: (problem as Error).message });
    }
  }
  if (copies.length === 0)
    throw (
      firstError ?? new StoreError('No store took the backup.', { publicReason: 'no store took the backup' })
    );
  return { copies, failedStores };
}

/** @throws StoreError or IntegrityError; then the archive, which the caller has just put there, is removed */
export async function confirmCopy(store: Store, receipt: Receipt, stallMs = defaultStallMs): Promise<Copy> {
  const keys = keysOf(receipt);
  let writing: Promise<void> | null = null;
  try {
    const sizeBytes = await untilStalled(store, store.size(keys.archive), stallMs);
    if (sizeBytes !== receipt.archive.sizeBytes) {
      throw new IntegrityError(`Store ${store.name} does not show the archive it has just taken.`, {
        publicReason: 'a store lost what it was given',
      });
    }
    writing = putReceipt(store, receipt);
    await untilStalled(store, writing, stallMs);
  } catch (error) {
    // A receipt that arrives late, in a store that was given up, would be one without an archive.
    writing?.then(() => store.remove(keys.receipt)).catch(() => {});
    await untilStalled(store, store.remove(keys.archive), stallMs).catch(() => {});
    throw error;
  }
  return copyOf(store, receipt);
}
