import { keysOf } from './archive/backup-id.ts';
import type { Deps } from './deps.ts';
import { backupsOf, type KnownBackup } from './health/backups.ts';
import { recordAttempt } from './ledger/attempt.ts';
import type { Copy, LedgerRecord } from './ledger/record.ts';
import { ConfigError, IntegrityError } from './lib/errors.ts';
import { formatBytes } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import { bringCopy } from './store/copy-archive.ts';
import { findCopies, type SoundCopy } from './store/find.ts';
import type { Store } from './store/store.ts';
import { refuseOther } from './vouched.ts';

export interface CopyOptions {
  database: string;
  id: string;
  /** Name of the store that is to have a copy. */
  to: string;
  /** Name of the store to read from; null: any that has a sound copy. */
  from: string | null;
}

export interface CopyResult {
  id: string;
  /** Null when the store had a sound copy already, and nothing was done. */
  made: { from: string; copy: Copy } | null;
}

/**
 * Brings a store a copy of a backup that another store has, without reading what is in it: no identity is needed. A
 * damaged copy is replaced, but only after the other was read to its end and found sound.
 *
 * @throws ConfigError for a backup or store that isn't there; IntegrityError when no copy to read from is sound; StoreError
 */
export async function copy(deps: Deps, options: CopyOptions): Promise<CopyResult> {
  const { database } = options;
  return recordAttempt(
    deps,
    { verb: 'copy', database },
    async (notes) => {
      const to = storeNamed(deps.stores, options.to);
      if (options.from !== null) storeNamed(deps.stores, options.from);
      const copies = await findCopies(deps.stores, database, options.id);
      const id = copies[0]!.id;
      notes.backupId = id;
      const records = (await deps.ledger.read()) ?? [];
      const known = backupsOf(records).find((backup) => backup.id === id);
      const sources = sourcesOf(copies, known, to, options.from);
      if (await hasSoundCopy(to, copies, known)) return { id, made: null };
      if (sources.length === 0) throw nothingToCopy(id, options);
      const hasReceipt = copies.some(({ store }) => store.name === to.name);
      const made = await inStep(
        deps.progress,
        `Copying ${id} to ${to.name}`,
        (step) => copyFromFirstSound(deps, sources, to, records, { hasReceipt, step, signal: deps.signal }),
        ({ from, copy }) => `${formatBytes(copy.sizeBytes)} from ${from}`,
      );
      notes.result = made;
      return { id, made };
    },
    { isWorthRecording: ({ made }) => made !== null },
  );
}

/** The copies that may be read, those that nothing is held against first. */
function sourcesOf(
  copies: readonly SoundCopy[],
  known: KnownBackup | undefined,
  to: Store,
  from: string | null,
): SoundCopy[] {
  const others = copies.filter(({ store }) => store.name !== to.name);
  if (from !== null) return others.filter(({ store }) => store.name === from);
  const trust = ({ store }: SoundCopy) => (known?.copies.some((copy) => copy.store === store.name) ? 0 : 1);
  return others.toSorted((a, b) => trust(a) - trust(b));
}

/** Sound by the ledger, and all there. A copy that the ledger does not know of is looked at, and recorded. */
async function hasSoundCopy(to: Store, copies: readonly SoundCopy[], known: KnownBackup | undefined) {
  const there = copies.find(({ store }) => store.name === to.name);
  if (!there || (known && !known.copies.some(({ store }) => store === to.name))) return false;
  return (await to.size(keysOf(there.receipt).archive)) === there.receipt.archive.sizeBytes;
}

/** A source that is damaged or gone is told of and passed over; trouble with the target is the same with every source. */
async function copyFromFirstSound(
  deps: Deps,
  sources: readonly SoundCopy[],
  to: Store,
  records: readonly LedgerRecord[],
  options: Parameters<typeof bringCopy>[2],
) {
  let failure: unknown = null;
  for (const source of sources) {
    try {
      refuseOther(source, records);
      const isThere =
        (await source.store.size(keysOf(source.receipt).archive)) === source.receipt.archive.sizeBytes;
      if (isThere) return { from: source.store.name, copy: await bringCopy(source, to, options) };
      failure ??= new IntegrityError(`Store ${source.store.name} has no whole archive of ${source.id}.`, {
        hint: 'Nothing was written. `holdfast verify --all` says which copies are sound.',
        publicReason: 'a copy is damaged',
      });
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      failure ??= error;
    }
    if (sources.length > 1) deps.progress.warn(`The copy in ${source.store.name} can't be used.`);
  }
  throw failure;
}

/** @throws ConfigError when there is none of that name */
function storeNamed(stores: readonly Store[], name: string): Store {
  const store = stores.find((each) => each.name === name);
  if (store) return store;
  throw new ConfigError(`The configuration has no store ${JSON.stringify(name)} for this database.`, {
    hint: `There are: ${stores.map((each) => each.name).join(', ')}.`,
    publicReason: 'no such store is configured',
  });
}

function nothingToCopy(id: string, { from, to }: CopyOptions): ConfigError {
  return new ConfigError(
    from === null
      ? `Only store ${to} holds ${id}: there is nothing to copy from.`
      : `Store ${from} holds no copy of ${id} that could be read.`,
    {
      hint: 'Nothing was written. `holdfast list` shows what the stores hold.',
      publicReason: 'no copy to copy from',
    },
  );
}
