import { checkRecipient } from './archive/age.ts';
import type { Deps } from './deps.ts';
import { backupsOf } from './health/backups.ts';
import { believable } from './health/clock.ts';
import { interrupted } from './ledger/attempt.ts';
import { recordsAbout } from './ledger/ledger.ts';
import { ConfigError, HoldfastError } from './lib/errors.ts';
import { keysFor, planRekey, type SnapshotPlan } from './rekey-plan.ts';
import { replaceArchives } from './rekey-replace.ts';
import { Retirement } from './rekey-retire.ts';
import { emptiedStore, isEmptied } from './store/missing.ts';
import { type Survey, surveyStores } from './store/survey.ts';

export interface RekeyOptions {
  database: string;
  /** Those that the configuration names; null: encryption is off. */
  recipients: readonly string[] | null;
  /** Of the old recipients, to read; of the new ones, to prove that what was written can be read. */
  identities: readonly string[];
  /** False: only plans. */
  apply: boolean;
  /** The old archives stay beside the new ones. */
  keepOld: boolean;
  onPlan?: (plan: readonly SnapshotPlan[]) => void;
}

export interface RekeyResult {
  plan: readonly SnapshotPlan[];
  /** Backups that were encrypted again: the old id, and the new one. */
  rekeyed: { from: string; id: string; stores: string[] }[];
  /** Archives that were removed, because a new one proved readable in their place. */
  removed: { store: string; id: string }[];
}

/**
 * Encrypts old backups again to the recipients that are configured now. Each becomes a new backup of the same snapshot under
 * a new id. The old archive goes only when the new one was read back from the same store with an identity of the new
 * recipients, to its last row; until then both are there. See docs/decisions/0010-rekey.md.
 *
 * @throws ConfigError when encryption is off, or when some are left as they are; the first failure of one, or that of a store
 *         which could not be listed or holds nothing of what it should, after all had their turn. `rekeyed` on the error holds what was done
 */
export async function rekey(deps: Deps, options: RekeyOptions): Promise<RekeyResult> {
  const { database } = options;
  const recipients = await usableRecipients(options.recipients);
  const keys = await keysFor(recipients, options.identities);
  const records = await recordsAbout(deps.ledger, database);
  const known = backupsOf(believable(records, deps.now()).believed);
  const survey = await surveyStores(deps.stores, database, known, deps.now());
  const away = storesAway(database, survey);
  if (away.length === deps.stores.length) throw away[0]!.error;
  for (const { store, error } of away)
    deps.progress.warn(`What store ${store.name} holds stays as it is. ${error.message}`);
  const reachable = deps.stores.filter((store) => !away.some((each) => each.store === store));
  const plan = planRekey(survey, known, records, keys);
  options.onPlan?.(plan);
  if (!options.apply) return { plan, rekeyed: [], removed: [] };

  let failure: unknown = null;
  const retirement = new Retirement(deps, options, { keys, records, survey });
  const result: RekeyResult = { plan, rekeyed: [], removed: retirement.removed };
  const run = { deps, options, recipients, records, reachable, retirement, rekeyed: result.rekeyed };
  const tell = (about: string, error: unknown) => {
    if (!(error instanceof HoldfastError) || deps.signal.aborted) throw error;
    deps.progress.warn(`${about}: ${error.message}`);
    failure ??= error;
  };
  for (const each of plan) {
    if (deps.signal.aborted) throw interrupted();
    if (each.action === 'current' || each.action === 'skip') continue;
    await replaceArchives(run, each).catch((error) => tell(each.id, error));
  }
  await retirement.removeDue().catch((error) => tell('Old archives', error));
  failure ??= away[0]?.error ?? leftBehind(plan);
  if (failure) throw Object.assign(failure as Error, { rekeyed: result });
  return result;
}

/**
 * Stores of which nobody can say what they hold. One that has none of what it was given was moved, or is not mounted: its
 * archives for the old recipients are somewhere, and must not be told as removed.
 */
function storesAway(database: string, { unreachable, lacking }: Survey) {
  return [
    ...unreachable,
    ...lacking.filter(isEmptied).map((lack) => ({ store: lack.store, error: emptiedStore(database, lack) })),
  ];
}

async function usableRecipients(recipients: readonly string[] | null): Promise<readonly string[]> {
  for (const recipient of recipients ?? []) await checkRecipient(recipient);
  if (recipients) return recipients;
  throw new ConfigError('Encryption is off, so there is no recipient to encrypt old backups to.', {
    hint: 'Nothing was changed. Put the new recipients under encryption: recipients: in the configuration.',
    publicReason: 'no recipient is configured',
  });
}

/** A change of keys that is not complete must not look like one that is. */
function leftBehind(plan: readonly SnapshotPlan[]): ConfigError | null {
  const left = plan.filter(({ action }) => action === 'skip');
  if (left.length === 0) return null;
  return new ConfigError(
    `${left.length} of ${plan.length} backups are as they were: ${left[0]!.id}: ${left[0]!.why}.`,
    {
      hint: 'Keep their identity. Give all old identities in one file, a line each; the plan (without --apply) tells of each.',
      publicReason: 'some backups were not encrypted again',
    },
  );
}
