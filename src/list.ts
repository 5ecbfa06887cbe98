import type { Receipt } from './archive/receipt.ts';
import type { Deps } from './deps.ts';
import { backupsOf, type RungReached } from './health/backups.ts';
import { isRegularTrigger, type Rung } from './ledger/record.ts';
import { ConfigError } from './lib/errors.ts';
import { findBackups, noSuchBackup } from './store/find.ts';

export interface ListedBackup {
  id: string;
  database: string;
  /** Null when no store has a receipt that can be used. */
  receipt: Receipt | null;
  /** The highest rung that the ledger knows of. */
  rung: Rung;
  reached: RungReached[];
  /** False once a check found it damaged or wrong, and in quarantine. */
  good: boolean;
  /** Unusual, and nobody has accepted it. */
  quarantined: boolean;
  stores: { store: string; problem: string | null }[];
}

/** What the stores hold of a database, newest first, with what the ledger knows of each. */
export async function list(deps: Pick<Deps, 'stores' | 'ledger'>, database: string): Promise<ListedBackup[]> {
  const found = await findBackups(deps.stores, database);
  const known = new Map(backupsOf((await deps.ledger.read()) ?? []).map((backup) => [backup.id, backup]));
  return found.map(({ id, copies }) => {
    const receipt = copies.find((copy) => copy.receipt)?.receipt ?? null;
    const history = known.get(id);
    return {
      id,
      database,
      receipt,
      rung: history?.rung ?? 'stored',
      reached: history?.reached ?? [],
      good: receipt !== null && (history?.good ?? true),
      quarantined: history?.quarantined ?? false,
      stores: copies.map(({ store, problem }) => ({ store: store.name, problem })),
    };
  });
}

/** One of them. @throws ConfigError when there is no such backup, StoreError when there is none at all */
export async function show(
  deps: Pick<Deps, 'stores' | 'ledger'>,
  database: string,
  id: string,
): Promise<ListedBackup> {
  const all = await list(deps, database);
  const isRegular = ({ receipt }: ListedBackup) => receipt === null || isRegularTrigger(receipt.trigger);
  const found = id === 'latest' ? all.find(isRegular) : all.find((backup) => backup.id === id);
  if (found) return found;
  throw noSuchBackup(database, id, all[0]?.id);
}

/**
 * The newest good backup whose snapshot is not after a moment.
 *
 * @param moment milliseconds since the epoch
 * @throws ConfigError when there is none
 */
export async function backupAsOf(
  deps: Pick<Deps, 'stores' | 'ledger'>,
  database: string,
  moment: number,
): Promise<string> {
  const backups = await list(deps, database);
  const found = backups.find(
    ({ receipt, good }) =>
      good && receipt && isRegularTrigger(receipt.trigger) && Date.parse(receipt.snapshotAt) <= moment,
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
