import { makeBackupId } from './archive/backup-id.ts';
import { copy } from './copy.ts';
import type { Deps } from './deps.ts';
import { recordAttempt } from './ledger/attempt.ts';
import { resultOf } from './ledger/of-receipt.ts';
import type { LedgerRecord } from './ledger/record.ts';
import { IntegrityError, StoreError } from './lib/errors.ts';
import { formatBytes } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import { carryOver } from './rekey-carry.ts';
import { type SnapshotPlan, storesToHold } from './rekey-plan.ts';
import type { Retirement } from './rekey-retire.ts';
import type { SoundCopy } from './store/find.ts';
import { rekeyArchive } from './store/rekey-archive.ts';
import type { Store } from './store/store.ts';

/** What one change of keys works with. */
export interface Rekeying {
  deps: Deps;
  options: { database: string; identities: readonly string[]; keepOld: boolean };
  recipients: readonly string[];
  /** Of the database, as they were when the plan was made. */
  records: readonly LedgerRecord[];
  reachable: readonly Store[];
  retirement: Retirement;
  /** Filled in with what was encrypted again. */
  rekeyed: { from: string; id: string; stores: string[] }[];
}

/**
 * Sees to it that one snapshot has an archive for the configured recipients in each store that has one for others, and hands the
 * others over to be removed.
 *
 * @throws the failure of this snapshot; what there was is there still
 */
export async function replaceArchives(run: Rekeying, plan: SnapshotPlan): Promise<void> {
  const { deps, options, reachable, retirement } = run;
  const stores = storesToHold(plan, reachable);
  let copies = plan.current?.copies ?? (await encryptAgain(run, plan, stores));
  if (!plan.current) retirement.count(copies);
  if (plan.current && !options.keepOld) {
    // A store that was out of reach when the others got theirs.
    for (const store of stores.filter((each) => !copies.some((held) => held.store === each))) {
      await copy(deps, { database: options.database, id: plan.current.id, to: store.name, from: null });
      copies = [...copies, { ...copies[0]!, store }];
    }
  }
  if (!options.keepOld) await retirement.replace(plan.others, copies);
  if (copies.length < stores.length) throw incomplete(stores, copies);
}

function incomplete(stores: readonly Store[], copies: readonly SoundCopy[]): StoreError {
  const lacking = stores.filter((store) => !copies.some((held) => held.store === store));
  return new StoreError(
    `Store ${lacking.map(({ name }) => name).join(', ')} has no copy of ${copies[0]!.id}.`,
    {
      hint: 'The old one is there still. Run it again when the store takes it: it goes on where it was.',
      publicReason: 'a store has no copy of what was encrypted again',
    },
  );
}

function encryptAgain(run: Rekeying, plan: SnapshotPlan, stores: readonly Store[]): Promise<SoundCopy[]> {
  const { deps, options, recipients, records, rekeyed } = run;
  const { database, identities } = options;
  return recordAttempt(deps, { verb: 'rekey', database }, async (notes) => {
    notes.backupId = plan.id;
    const snapshotAt = Date.parse(plan.sources[0]!.receipt.snapshotAt);
    const id = makeBackupId(database, snapshotAt, deps.randomBytes(4));
    const { source, made } = await inStep(
      deps.progress,
      `Encrypting ${plan.id} again`,
      (step) =>
        firstSound(deps, plan.sources, async (source) => {
          const how = { id, recipients, identities, signal: deps.signal, step };
          return { source, made: await rekeyArchive(source, stores, how) };
        }),
      ({ made }) => `${id}, ${formatBytes(made.receipt.archive.sizeBytes)}`,
    );
    const { receipt, copies, failedStores } = made;
    for (const failed of failedStores)
      deps.progress.warn(`Store ${failed.store} has no copy of ${id}: ${failed.message}`);
    const from = plan.others.find((each) => each.id === source.id)!;
    const { trigger, finishedAt, durationMs, result: known } = from.known!;
    await carryOver(deps, { database, from: plan.others.map((each) => each.id), to: id, records });
    notes.backupId = id;
    notes.result = {
      ...known,
      ...resultOf(receipt, copies),
      rekeyedFrom: receipt.rekeyedFrom!,
      taken: { trigger, finishedAt, durationMs },
      vouched: from.vouching === 'vouched',
    };
    rekeyed.push({ from: source.id, id, stores: copies.map(({ store }) => store) });
    const held = stores.filter(({ name }) => copies.some((each) => each.store === name));
    return held.map((store) => ({ store, id, receipt, problem: null }));
  });
}

/** A copy that turns out to be damaged is passed over for the next. */
async function firstSound<T>(
  deps: Deps,
  sources: readonly SoundCopy[],
  work: (source: SoundCopy) => Promise<T>,
): Promise<T> {
  let failure: unknown = null;
  for (const source of sources) {
    try {
      return await work(source);
    } catch (error) {
      if (!(error instanceof IntegrityError)) throw error;
      failure ??= error;
      if (sources.length > 1) deps.progress.warn(`The copy in ${source.store.name} can't be used.`);
    }
  }
  throw failure;
}
