import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { objectKeys } from '../../src/archive/backup-id.ts';
import type { Receipt } from '../../src/archive/receipt.ts';
import type { Deps } from '../../src/deps.ts';
import { directoryLedger } from '../../src/ledger/directory.ts';
import type { BackupRecord, LedgerRecord } from '../../src/ledger/record.ts';
import { silent } from '../../src/lib/progress.ts';
import { directoryStore } from '../../src/store/directory.ts';
import { putReceipt } from '../../src/store/receipts.ts';
import type { Store } from '../../src/store/store.ts';
import { streamOf } from './pieces.ts';
import { makeSmallArchive } from './small-archive.ts';
import { backup, dayMs, noon, verify } from './status-fixture.ts';

/** Directory stores full of real, small archives with their receipts and records, for verbs that need no database. */
export interface Stock extends AsyncDisposable {
  folder: string;
  deps: Deps;
  stopping: AbortController;
  warnings: string[];
  store(name: string): Store;
  /** Makes a backup as of so many days ago, in these stores, and records it. */
  make(
    ageDays: number,
    options?: { stores?: string[]; trigger?: string; recorded?: boolean },
  ): Promise<string>;
  /** One a day, the newest of today; ids newest first. */
  makeDaily(days: number): Promise<string[]>;
  record(record: LedgerRecord): Promise<void>;
  /** Of a backup that was made here. */
  recordOf(id: string): BackupRecord;
  prove(id: string, store?: string): Promise<void>;
  records(): Promise<LedgerRecord[]>;
  /** Ids of the backups that have a receipt there, newest first. */
  held(store?: string): Promise<string[]>;
}

const small = await makeSmallArchive();
export const archiveBytes: Buffer = small.bytes;

export const keysOf = (id: string) => objectKeys('crm', id, true);

export async function openStock(names: string[] = ['disk']): Promise<Stock> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-stock-'));
  const stores = names.map((name) => directoryStore(name, join(folder, name)));
  const ledger = directoryLedger(join(folder, 'ledger'));
  const stopping = new AbortController();
  const warnings: string[] = [];
  const made = new Map<string, BackupRecord>();
  // Records come one after another, as those of runs do.
  let ticks = 0;
  const deps: Deps = {
    now: () => noon + ticks++,
    randomBytes,
    progress: { ...silent, warn: (text) => void warnings.push(text) },
    ledger,
    stores,
    run: { trigger: 'test', intendedAt: null, runUrl: null, actor: null },
    signal: stopping.signal,
  };
  const store = (name: string) => stores.find((each) => each.name === name)!;
  const stock: Stock = {
    folder,
    deps,
    stopping,
    warnings,
    store,
    async make(ageDays, { stores: into = names, trigger = 'schedule', recorded = true } = {}) {
      const record = backup(noon - ageDays * dayMs, { stores: into, trigger });
      const id = record.backupId!;
      const { archive } = small.receipt;
      const { sizeBytes, digest } = archive;
      const receipt: Receipt = { ...small.receipt, id, trigger, snapshotAt: record.result!.snapshotAt };
      record.result!.sizeBytes = sizeBytes;
      record.result!.contentRoot = small.receipt.contentRoot;
      record.result!.copies = into.map((name) => ({ store: name, kind: 'directory', sizeBytes, digest }));
      for (const name of into) {
        await store(name).put(keysOf(id).archive, streamOf(archiveBytes));
        await putReceipt(store(name), receipt);
      }
      made.set(id, record);
      if (recorded) await ledger.append(record);
      return id;
    },
    async makeDaily(days) {
      const ids: string[] = [];
      for (let age = 0; age < days; age += 1) ids.push(await stock.make(age));
      return ids;
    },
    record: (record) => ledger.append(record),
    recordOf: (id) => made.get(id)!,
    prove: (id, name = names[0]!) => ledger.append(verify(noon, made.get(id)!, { store: name })),
    records: async () => (await ledger.read()) ?? [],
    async held(name = names[0]!) {
      const keys = await store(name).list('crm');
      return keys
        .filter((key) => key.endsWith('receipt.json'))
        .map((key) => key.split('/')[1]!)
        .reverse();
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  return stock;
}
