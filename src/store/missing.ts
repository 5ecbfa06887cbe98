import { IntegrityError } from '../lib/errors.ts';
import type { SoundCopy } from './find.ts';
import type { Store } from './store.ts';
import type { Lack } from './survey.ts';

/** How it is told that a store does not hold what the ledger says that it was given. */

/** Whether a store has none of what it was given. */
export function isEmptied({ missing, promised }: Lack): boolean {
  return missing === promised;
}

/** What a store lacks, as a sentence. */
export function describeLack(database: string, lack: Lack): string {
  const { store, missing, promised } = lack;
  const known = `of ${database} that the ledger says it has`;
  if (!isEmptied(lack)) return `Store ${store.name} lacks ${missing} of the ${promised} backups ${known}.`;
  const none = promised === 1 ? 'does not hold the only backup' : `holds none of the ${promised} backups`;
  return `Store ${store.name} ${none} ${known}: was it moved or emptied?`;
}

/** What to do about a store that holds nothing of what it should. */
export const whereIsTheStore =
  'Nothing was changed. Check where the store is: a moved folder, a missing mount, another prefix or bucket. If its backups are gone for good, take a new one at once with `holdfast backup`.';

export function missingCopy(id: string, store: Store): IntegrityError {
  return new IntegrityError(`Store ${store.name} does not hold ${id}, although the ledger says so.`, {
    hint: 'Nothing was changed. Was it deleted by hand, or was the store moved? `holdfast copy` brings it back from another store.',
    publicReason: 'a copy is missing',
  });
}

export function missingArchive({ id, store }: SoundCopy): IntegrityError {
  return new IntegrityError(
    `The archive of ${id} is missing from store ${store.name}, which has its receipt.`,
    {
      hint: 'Nothing was changed. `holdfast copy` brings it back from another store.',
      publicReason: 'a copy is missing',
    },
  );
}

/** For all that a store was given: it holds none of them. */
export function emptiedStore(database: string, lack: Lack): IntegrityError {
  return new IntegrityError(describeLack(database, lack), {
    hint: whereIsTheStore,
    publicReason: 'a store holds none of its backups',
  });
}
