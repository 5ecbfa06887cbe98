import { pipeline } from 'node:stream/promises';
import { decryptWith, encryptTo } from '../archive/age.ts';
import { keysOf } from '../archive/backup-id.ts';
import { type Receipt, recipientFingerprint } from '../archive/receipt.ts';
import type { Copy } from '../ledger/record.ts';
import type { Step } from '../lib/progress.ts';
import { confirmCopies, type FailedStore } from './confirm.ts';
import { CheckedBytes } from './copy-archive.ts';
import { putEverywhere } from './fan-out.ts';
import type { SoundCopy } from './find.ts';
import { openArchive } from './open-archive.ts';
import type { Store } from './store.ts';

interface RekeyOptions {
  /** Id of the new backup. */
  id: string;
  recipients: readonly string[];
  /** Null: none was given, which only an archive that is not encrypted can do without. */
  identities: readonly string[] | null;
  signal: AbortSignal;
  step: Step;
}

/**
 * Writes an archive again for other recipients, under a new id, from one stream: opened, sealed and stored 64 KiB at a
 * time, in memory only. What is inside does not change by a byte. The stores make it visible only after the old archive
 * was read to its end, authenticated, and found to have the digest in its receipt.
 *
 * @param stores that are to hold the new one
 * @throws IntegrityError when the old archive is not what its receipt says; ConfigError when no identity fits; StoreError
 *         when no store took it. Then nothing new is there, and the old archive is as it was
 */
export async function rekeyArchive(
  from: SoundCopy,
  stores: readonly Store[],
  { id, recipients, identities, signal, step }: RekeyOptions,
): Promise<{ receipt: Receipt; copies: Copy[]; failedStores: FailedStore[] }> {
  const { receipt: old } = from;
  const isEncrypted = old.recipients !== null;
  const opening = isEncrypted ? [decryptWith(identities ?? [])] : [];
  const sealed = await encryptTo(recipients);
  const named: Receipt = {
    ...old,
    id,
    rekeyedFrom: old.rekeyedFrom ?? old.id,
    recipients: recipients.map(recipientFingerprint),
  };
  const source = await openArchive(from, signal);
  let cause: unknown = null;
  const reading = pipeline([source, new CheckedBytes(from, step), ...opening, sealed]).catch((error) => {
    cause = error;
  });
  const storing = putEverywhere(stores, keysOf(named).archive, sealed);
  const [stored] = await Promise.allSettled([storing, reading]);
  // Where a store broke off, reading stops too, with a lesser reason.
  if (stored.status === 'rejected') throw isPremature(cause) ? stored.reason : (cause ?? stored.reason);
  const { sent, outcomes } = stored.value;
  const receipt: Receipt = { ...named, archive: { name: 'archive.tar.age', ...sent } };
  return { receipt, ...(await confirmCopies(outcomes, receipt)) };
}

function isPremature(error: unknown): boolean {
  return (error as NodeJS.ErrnoException | null)?.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
