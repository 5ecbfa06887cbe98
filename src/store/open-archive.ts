import type { Readable } from 'node:stream';
import { keysOf } from '../archive/backup-id.ts';
import { interrupted } from '../ledger/attempt.ts';
import { onAbort } from '../lib/on-abort.ts';
import type { SoundCopy } from './find.ts';

/** The stored bytes of a copy, which end with `interrupted` when the process is asked to stop. @throws StoreError */
export async function openArchive({ store, receipt }: SoundCopy, signal: AbortSignal): Promise<Readable> {
  const source = await store.get(keysOf(receipt).archive);
  const stop = () => source.destroy(interrupted());
  source.once('close', onAbort(signal, stop));
  return source;
}
