import { keysOf } from './archive/backup-id.ts';
import type { Deps } from './deps.ts';
import type { SetAside } from './ledger/ledger.ts';
import { type FoundCopy, missingRecords } from './ledger/rebuild.ts';
import { ConfigError, IntegrityError } from './lib/errors.ts';
import { counted } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import { listBackups } from './store/receipts.ts';

export interface RebuildOptions {
  /** Configured names. */
  databases: readonly string[];
  /** Keep damaged files of the ledger aside and go on with their sound lines, instead of refusing. */
  discardDamaged: boolean;
}

export interface RebuildResult {
  /** Ids of backups that are in the ledger now and were not. */
  added: string[];
  /** How many the stores hold that the ledger knew. */
  known: number;
  /** Found in a store and not fit to be recorded. */
  unfit: { store: string; id: string; problem: string }[];
  setAside: SetAside[];
}

/** What no receipt tells. */
export const notRebuilt =
  'Failed attempts, verifications, restore tests, quarantines, acceptances, holds and who started a run cannot be made again: verify the backups to prove them anew, hold again what must stay, and look at their sizes, for one that was in quarantine counts as good now. Nor can it be told whether the archives are those that were made: to restore one takes --trust-archive.';

/**
 * Puts the backups of the stores into the ledger that it does not know. What is there already is never changed, and a
 * second time adds nothing.
 *
 * @throws StoreError when a store can't be read, since its copies would be left out for good: nothing is written then;
 *         IntegrityError when the ledger is damaged and `discardDamaged` is off
 */
export async function rebuildLedger(
  deps: Pick<Deps, 'stores' | 'ledger' | 'progress'>,
  options: RebuildOptions,
): Promise<RebuildResult> {
  const { ledger, progress } = deps;
  const { found, unfit } = await inStep(
    progress,
    'Reading receipts',
    () => survey(deps, options.databases),
    (surveyed) =>
      `${counted(surveyed.found.length, 'copy', 'copies')} in ${counted(deps.stores.length, 'store')}`,
  );
  const setAside = options.discardDamaged ? await setDamagedAside(deps) : [];
  const records = (await ledger.read()) ?? [];
  const missing = missingRecords(found, records);
  await inStep(
    progress,
    'Adding backups to the ledger',
    async () => {
      for (const record of missing) await ledger.append(record);
    },
    () => `${missing.length} added`,
  );
  for (const { store, id, problem } of unfit) progress.warn(`${id} in ${store} was left out: ${problem}`);
  const ids = new Set(found.map(({ receipt }) => receipt.id));
  return {
    added: missing.flatMap(({ backupId }) => backupId ?? []),
    known: ids.size - missing.length,
    unfit,
    setAside,
  };
}

async function survey({ stores }: Pick<Deps, 'stores'>, databases: readonly string[]) {
  const found: FoundCopy[] = [];
  const unfit: RebuildResult['unfit'] = [];
  for (const store of stores) {
    for (const database of databases) {
      for (const { id, receipt, problem } of await listBackups(store, database)) {
        const sizeBytes = receipt && (await store.size(keysOf(receipt).archive));
        if (receipt && sizeBytes === receipt.archive.sizeBytes) found.push({ receipt, store });
        else
          unfit.push({
            store: store.name,
            id,
            problem: problem ?? 'its archive is missing or has another size',
          });
      }
    }
  }
  refuseContradiction(found);
  return { found, unfit };
}

/** Two receipts of one backup that tell different things: no program can know which is true. */
function refuseContradiction(found: readonly FoundCopy[]) {
  const first = new Map<string, FoundCopy>();
  for (const copy of found) {
    const other = first.get(copy.receipt.id);
    first.set(copy.receipt.id, other ?? copy);
    if (!other || JSON.stringify(other.receipt) === JSON.stringify(copy.receipt)) continue;
    throw new IntegrityError(
      `The receipts of ${copy.receipt.id} in stores ${other.store.name} and ${copy.store.name} differ. Nothing was written.`,
      {
        hint: 'Run `holdfast verify` on it, and remove the copy that fails.',
        publicReason: 'receipts of one backup differ',
      },
    );
  }
}

async function setDamagedAside({ ledger, progress }: Pick<Deps, 'ledger' | 'progress'>): Promise<SetAside[]> {
  if (!ledger.setDamagedAside) {
    throw new ConfigError('This kind of ledger cannot set damaged files aside.', {
      hint: 'Mend it by hand, or start without --discard-damaged.',
      publicReason: 'the ledger is damaged',
    });
  }
  const setAside = await ledger.setDamagedAside();
  for (const { month, keptAs, droppedLines } of setAside)
    progress.warn(
      `${month} was damaged: ${counted(droppedLines, 'line')} of it ${droppedLines === 1 ? 'is' : 'are'} only in ${keptAs} now.`,
    );
  return setAside;
}
