import type { Receipt } from './archive/receipt.ts';
import type { Deps } from './deps.ts';
import { backupsOf, type KnownBackup, type RungReached } from './health/backups.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { isRegularTrigger, type Rung } from './ledger/record.ts';
import { ConfigError, StoreError } from './lib/errors.ts';
import type { Progress } from './lib/progress.ts';
import { noSuchBackup, refuseSilence } from './store/find.ts';
import { describeLack, whereIsTheStore } from './store/missing.ts';
import { type Survey, type SurveyedBackup, surveyStores } from './store/survey.ts';

type ListDeps = Pick<Deps, 'stores' | 'ledger' | 'now'>;

export interface ListedBackup {
  id: string;
  database: string;
  /** Null when no store has a receipt that can be used. */
  receipt: Receipt | null;
  /** Why it was taken; null when neither a receipt nor the ledger tells. */
  trigger: string | null;
  /** The highest rung that the ledger knows of. */
  rung: Rung;
  reached: RungReached[];
  /** False once a check found it damaged or wrong, and in quarantine. */
  good: boolean;
  /** Unusual, and nobody has accepted it. */
  quarantined: boolean;
  stores: { store: string; problem: string | null }[];
}

/** Whether it may be what `latest` means; of what nothing is known it may. */
function isRegular({ trigger }: ListedBackup): boolean {
  return trigger === null || isRegularTrigger(trigger);
}

/** What the stores hold of a database, and what they do not. */
export interface Listing extends Pick<Survey, 'lacking' | 'unreachable'> {
  /** Newest first. */
  backups: ListedBackup[];
}

/**
 * What the stores hold of a database, with what the ledger knows of each, and which stores lack what the ledger promises.
 *
 * @throws StoreError when no store can be listed, or when none holds anything although the ledger knows of backups there
 */
export async function listing(deps: ListDeps, database: string): Promise<Listing> {
  const known = backupsOf(await recordsAbout(deps.ledger, database));
  const survey = await surveyStores(deps.stores, database, known, deps.now());
  const { backups, lacking, unreachable } = refuseSilence(survey, deps.stores);
  const there = backups.filter(({ copies }) => copies.length > 0);
  if (there.length === 0 && lacking[0]) {
    throw new StoreError(lacking.map((lack) => describeLack(database, lack)).join(' '), {
      hint: whereIsTheStore,
      publicReason: 'no store holds a backup',
    });
  }
  const knownById = new Map(known.map((backup) => [backup.id, backup]));
  return {
    backups: there.map((backup) => listed(backup, database, knownById.get(backup.id))),
    lacking,
    unreachable,
  };
}

/** A backup that some store has, or should have, with what the ledger knows of it. */
export function listed(
  { id, copies }: SurveyedBackup,
  database: string,
  history?: KnownBackup,
): ListedBackup {
  const receipt = copies.find((copy) => copy.receipt)?.receipt ?? null;
  return {
    id,
    database,
    receipt,
    trigger: receipt?.trigger ?? history?.trigger ?? null,
    rung: history?.rung ?? 'stored',
    reached: history?.reached ?? [],
    good: receipt !== null && (history?.good ?? true),
    quarantined: history?.quarantined ?? false,
    stores: copies.map(({ store, problem }) => ({ store: store.name, problem })),
  };
}

/**
 * What `latest` means to every verb: the newest backup of the regular rhythm that nothing is held against, because on a bad
 * day the newest of all may well be the one that was taken after the accident. That it was passed over is told. Where none
 * is good it is the newest, and so where the newest is missing or has a damaged receipt: nothing older quietly takes its place.
 *
 * @param backups of one database, newest first
 */
export function latestOf(
  backups: readonly ListedBackup[],
  progress: Pick<Progress, 'warn'>,
): ListedBackup | undefined {
  const regular = backups.filter(isRegular);
  const [newest] = regular;
  const good = regular.find((backup) => backup.good);
  if (!newest?.receipt || !good || good === newest) return newest;
  progress.warn(
    `The newest backup, ${newest.id}, ${newest.quarantined ? 'is in quarantine' : 'was found damaged or wrong'}; latest is the newest good one, ${good.id}.`,
  );
  return good;
}

/** One of them, by id or the word `latest`. @throws ConfigError when there is no such backup, StoreError when there is none at all */
export async function show(
  deps: ListDeps & Pick<Deps, 'progress'>,
  database: string,
  idOrLatest: string,
): Promise<ListedBackup> {
  const { backups } = await listing(deps, database);
  const found =
    idOrLatest === 'latest'
      ? latestOf(backups, deps.progress)
      : backups.find((backup) => backup.id === idOrLatest);
  if (found) return found;
  const successor = backups.find(({ receipt }) => receipt?.rekeyedFrom === idOrLatest);
  throw noSuchBackup(database, idOrLatest, backups[0]?.id, successor?.id);
}

/**
 * The newest good backup whose snapshot is not after a moment.
 *
 * @param moment milliseconds since the epoch
 * @throws ConfigError when there is none
 */
export async function backupAsOf(deps: ListDeps, database: string, moment: number): Promise<string> {
  const { backups } = await listing(deps, database);
  const found = backups.find(
    (backup) => backup.good && isRegular(backup) && Date.parse(backup.receipt!.snapshotAt) <= moment,
  );
  if (found) return found.id;
  const oldest = backups.at(-1);
  throw new ConfigError(
    `There is no good backup of ${database} from before ${new Date(moment).toISOString()}.`,
    {
      hint: oldest ? `The oldest is ${oldest.id}. The target is as it was.` : 'The target is as it was.',
      publicReason: 'there is no backup from before that moment',
    },
  );
}
