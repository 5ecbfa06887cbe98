import type { Deps } from './deps.ts';
import type { LedgerRecord } from './ledger/record.ts';
import { type Vouching, vouchFor } from './ledger/vouch.ts';
import { ConfigError, HoldfastError, IntegrityError } from './lib/errors.ts';
import type { SoundCopy } from './store/find.ts';

/** Restoring runs the SQL of an archive, so only one that Holdfast made is restored: see `ledger/vouch.ts`. */

interface VouchedCopy {
  copy: SoundCopy;
  /** Anything but `vouched`: only the word of the person who asked for it speaks for this archive. */
  vouching: Vouching;
}

/**
 * The first copy that the ledger vouches for. Copies of another archive are passed over, and told of.
 *
 * @param copies of one backup, at least one
 * @param trustArchive a person vouches for the archive, so that it is taken when the ledger does not
 * @param danger what an archive that somebody exchanged could do here, as a sentence
 * @throws IntegrityError when all copies are of another archive than the one that was made; ConfigError when the ledger
 *         does not know the backup; StoreError or IntegrityError when the ledger can't be read
 */
export async function firstVouched(
  deps: Pick<Deps, 'ledger' | 'progress'>,
  copies: readonly SoundCopy[],
  trustArchive: boolean,
  danger = 'Its SQL would be run.',
): Promise<VouchedCopy> {
  const records = await recordsOf(deps, trustArchive);
  const judged = copies.map((copy) => ({ copy, vouching: vouchFor(copy.receipt, records) }));
  const vouched = judged.find(({ vouching }) => vouching === 'vouched');
  const [first] = judged;
  if (vouched) {
    for (const { copy, vouching } of judged)
      if (vouching === 'other') deps.progress.warn(`${anotherArchive(copy).message} It is passed over.`);
    return vouched;
  }
  const other = judged.find(({ vouching }) => vouching === 'other');
  if (!trustArchive) throw other ? anotherArchive(other.copy) : unvouched(first!, danger);
  deps.progress.warn(`Nothing but your word vouches for the archive of ${first!.copy.id}: ${why(first!)}.`);
  return first!;
}

/** @throws IntegrityError when the ledger tells of another archive than this copy's */
export function refuseOther(copy: SoundCopy, records: readonly LedgerRecord[]): void {
  if (vouchFor(copy.receipt, records) === 'other') throw anotherArchive(copy);
}

async function recordsOf({ ledger, progress }: Pick<Deps, 'ledger' | 'progress'>, trustArchive: boolean) {
  try {
    return (await ledger.read()) ?? [];
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    if (!trustArchive) {
      error.message = `Nothing vouches for the archive, because the ledger can't be read. ${error.message}`;
      throw error;
    }
    progress.warn(`The ledger can't be read: ${error.message}`);
    return [];
  }
}

function why({ copy, vouching }: VouchedCopy): string {
  if (vouching === 'other') return 'the ledger knows another one under this id';
  return vouching === 'rebuilt'
    ? `the ledger was rebuilt, and has what it knows of it from the receipt in store ${copy.store.name}`
    : 'the ledger does not know it';
}

export function anotherArchive({ id, store }: SoundCopy): IntegrityError {
  return new IntegrityError(
    `Store ${store.name} holds another archive than the one that was made: the ledger knows other digests for ${id}.`,
    {
      hint: 'Somebody may have put it there. Use another copy or another backup, and find out who can write to the store.',
      publicReason: 'another archive than the one that was made',
    },
  );
}

function unvouched(found: VouchedCopy, danger: string): ConfigError {
  return new ConfigError(
    `Nothing vouches for the archive of ${found.copy.id}: ${why(found)}. Nothing was run or written.`,
    {
      hint: `${danger} When you are sure that nobody else could write to the store, add --trust-archive.`,
      publicReason: 'nothing vouches for the archive',
    },
  );
}
