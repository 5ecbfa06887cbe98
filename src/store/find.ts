import type { Receipt } from '../archive/receipt.ts';
import { isRegularTrigger } from '../ledger/record.ts';
import { ConfigError, IntegrityError, StoreError } from '../lib/errors.ts';
import type { StoredBackup } from './receipts.ts';
import type { Store } from './store.ts';
import { type Survey, type SurveyedBackup, surveyStores } from './survey.ts';

/** A copy whose receipt can be used. */
export interface SoundCopy extends StoredBackup {
  receipt: Receipt;
}

/**
 * Each backup of a database once, newest first, with the copies that the reachable stores hold.
 *
 * @throws StoreError when no store can be reached
 */
export async function findBackups(stores: readonly Store[], database: string): Promise<SurveyedBackup[]> {
  return refuseSilence(await surveyStores(stores, database), stores).backups;
}

/** @throws StoreError when no store could be listed */
export function refuseSilence(survey: Survey, stores: readonly Store[]): Survey {
  if (survey.unreachable.length === stores.length) throw survey.unreachable[0]!.error;
  return survey;
}

/** What a restore took of its target before replacing it is not what anyone means by the latest backup. */
function isRegular({ copies }: { copies: StoredBackup[] }): boolean {
  return copies.some(({ receipt }) => receipt === null || isRegularTrigger(receipt.trigger));
}

/**
 * The copies of one backup, by id or the word `latest`.
 *
 * @throws ConfigError when there is none of that id; StoreError when there is no backup at all; IntegrityError when its
 *         receipts are all damaged, instead of quietly taking an older backup
 */
export async function findCopies(
  stores: readonly Store[],
  database: string,
  idOrLatest: string,
): Promise<SoundCopy[]> {
  const backups = await findBackups(stores, database);
  const found =
    idOrLatest === 'latest' ? backups.find(isRegular) : backups.find((backup) => backup.id === idOrLatest);
  if (!found) {
    const successor = backups.find(({ copies }) =>
      copies.some(({ receipt }) => receipt?.rekeyedFrom === idOrLatest),
    );
    throw noSuchBackup(database, idOrLatest, backups[0]?.id, successor?.id);
  }
  const sound = found.copies.filter((copy): copy is SoundCopy => copy.receipt !== null);
  if (sound.length > 0) return sound;
  const older = backups.find((backup) => backup.id < found.id && backup.copies.some((copy) => copy.receipt));
  throw new IntegrityError(found.copies[0]!.problem ?? `The receipt of ${found.id} is damaged.`, {
    hint: older ? `The next older backup is ${older.id}.` : 'There is no older backup.',
    publicReason: 'a receipt is damaged',
  });
}

/** Why a backup was not found; `newest` is what there is instead, undefined when there is none at all. */
/** @param successor the backup that it was encrypted again as */
export function noSuchBackup(
  database: string,
  idOrLatest: string,
  newest: string | undefined,
  successor?: string,
) {
  if (newest === undefined) {
    return new StoreError(`No store holds a backup of ${database}.`, {
      hint: 'If there were backups, check where the stores are: a moved folder, another prefix, a missing mount. If there never was one, run `holdfast backup`.',
      publicReason: 'no store holds a backup',
    });
  }
  return new ConfigError(`No store holds a backup ${JSON.stringify(idOrLatest)} of ${database}.`, {
    hint: successor
      ? `It was encrypted again to other recipients, and is ${successor} now.`
      : `\`holdfast list\` shows them; the newest is ${newest}.`,
    publicReason: 'no such backup',
  });
}
