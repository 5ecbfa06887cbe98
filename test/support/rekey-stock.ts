import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { makeBackupId } from '../../src/archive/backup-id.ts';
import { copyOf, resultOf } from '../../src/ledger/of-receipt.ts';
import type { BackupRecord } from '../../src/ledger/record.ts';
import { type RekeyOptions, type RekeyResult, rekey } from '../../src/rekey.ts';
import { putReceipt } from '../../src/store/receipts.ts';
import { streamOf } from './pieces.ts';
import { identity, recipient, seal } from './small-archive.ts';
import { makeEntries, makeManifest, manifestEntry } from './small-dump.ts';
import { backup, dayMs, noon } from './status-fixture.ts';
import { keysOf, openStock, type Stock } from './stock.ts';

export const oldKeys = { identity, recipient };
export const newIdentity: string = await generateX25519Identity();
export const newRecipient: string = await identityToRecipient(newIdentity);

/** Stores with backups for the old recipient that can be read to their last row, and a change to the new one. */
export interface RekeyStock extends Stock {
  /** A backup of so many days ago, in all stores. */
  take(
    ageDays: number,
    options?: { encrypted?: boolean; recorded?: boolean; trigger?: string },
  ): Promise<string>;
  /** The record of a backup that was taken here. */
  recordAt(id: string): BackupRecord;
  rekey(options?: Partial<RekeyOptions>): Promise<RekeyResult>;
}

const entries = await makeEntries();

export async function openRekeyStock(names: string[] = ['disk']): Promise<RekeyStock> {
  const stock = await openStock(names);
  const taken = new Map<string, BackupRecord>();
  return {
    ...stock,
    recordAt: (id) => taken.get(id)!,
    async take(ageDays, { encrypted = true, recorded = true, trigger = 'schedule' } = {}) {
      const at = noon - ageDays * dayMs;
      const id = makeBackupId('crm', at, Buffer.from('rekey'));
      const snapshotAt = new Date(at).toISOString();
      const manifest = { ...makeManifest(entries), id, snapshotAt };
      const { bytes, receipt: made } = await seal([...entries, manifestEntry(manifest)], manifest, encrypted);
      const receipt = { ...made, snapshotAt, trigger };
      for (const { name } of stock.deps.stores) {
        const key = encrypted ? keysOf(id).archive : keysOf(id).archive.replace('.age', '');
        await stock.store(name).put(key, streamOf(bytes));
        await putReceipt(stock.store(name), receipt);
      }
      const copies = stock.deps.stores.map((store) => copyOf(store, receipt));
      const record = backup(at, { trigger });
      const result = { ...record.result!, ...resultOf(receipt, copies) };
      const whole = { ...record, backupId: id, result };
      taken.set(id, whole);
      if (recorded) await stock.record(whole);
      return id;
    },
    rekey: (options = {}) =>
      rekey(stock.deps, {
        database: 'crm',
        recipients: [newRecipient],
        identities: [identity, newIdentity],
        apply: true,
        keepOld: false,
        ...options,
      }),
  };
}
