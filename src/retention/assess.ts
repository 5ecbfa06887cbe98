import type { Receipt } from '../archive/receipt.ts';
import { backupsOf, type KnownBackup } from '../health/backups.ts';
import { toleranceMs } from '../health/clock.ts';
import type { LedgerRecord } from '../ledger/record.ts';
import { listBackups, type StoredBackup } from '../store/receipts.ts';
import type { Store } from '../store/store.ts';
import { hasExpired } from '../store/survey.ts';
import { checkRetention } from './check.ts';
import { holdsOf } from './holds.ts';
import { type Leftover, leftoversOf } from './leftovers.ts';
import type { Candidate, RetentionPlan } from './plan.ts';
import { planSnapshots } from './plan-snapshots.ts';
import type { RetentionPolicy } from './policy.ts';
import { type Refusal, refusalsOf } from './refusals.ts';
import { snapshotTimeOf } from './snapshot-time.ts';

/** What the rules make of one database in one store, before anything is deleted. */
export interface Assessment {
  store: Store;
  policy: RetentionPolicy;
  /** Every backup that the store lists, newest first. */
  backups: Candidate[];
  plan: RetentionPlan;
  /** Why the plan must not be carried out; none when it may. */
  refusals: Refusal[];
  /** Good to know, and no reason to refuse. */
  notes: string[];
  /** What killed runs left. */
  leftovers: Leftover[];
}

/**
 * Reads what a store holds, and what the ledger knows of it, and plans.
 *
 * @param about.records all of the ledger; null when there is none
 * @param about.now milliseconds since the epoch
 * @throws StoreError when the store can't be listed
 */
export async function assess(
  store: Store,
  about: {
    database: string;
    records: readonly LedgerRecord[] | null;
    policy: RetentionPolicy;
    now: number;
    allowLarge: boolean;
  },
): Promise<Assessment> {
  const { database, policy, now, allowLarge } = about;
  const records = about.records?.filter((record) => record.database === database) ?? null;
  const held = holdsOf(records ?? []);
  const known = backupsOf(records ?? []);
  const knownById = new Map(known.map((backup) => [backup.id, backup]));
  const stored = await listBackups(store, database);
  const storedIds = new Set(stored.map(({ id }) => id));
  const backups = stored.map((copy) => candidateOf(copy, knownById.get(copy.id), held.get(copy.id) ?? null));
  const plan = planSnapshots(backups, policy, now);

  // What the ledger promises and the store lacks: the plan with them tells what a killed pruning had begun to delete.
  const promised = known.filter(({ stores }) => stores.includes(store.name));
  const absent = promised.filter((backup) => !storedIds.has(backup.id) && !hasExpired(backup, store, now));
  const missing = absent.map((backup) => candidateOfLedger(backup, store, held.get(backup.id) ?? null));
  const whole = planSnapshots([...backups, ...missing], policy, now);
  const begun = new Set(whole.delete.map(({ id }) => id).filter((id) => !storedIds.has(id)));
  // Without a ledger nobody can say what an archive without a receipt is.
  const leftovers = records ? await leftoversOf(store, database, { known: knownById, begun, held, now }) : [];

  const promisedIds = new Set(promised.map(({ id }) => id));
  const refusals = refusalsOf(plan, {
    records,
    known,
    unknown: backups.map(({ id }) => id).filter((id) => !promisedIds.has(id)),
    missing: missing.map(({ id }) => id).filter((id) => !begun.has(id)),
    begun: [...begun],
    futureDated: backups
      .filter((backup) => Date.parse(backup.snapshotAt) > now + toleranceMs)
      .map(({ id }) => id),
    storeProblem: checkRetention(policy, store.capabilities),
    allowLarge,
  });
  return { store, policy, backups, plan, refusals, notes: notesOf(store, plan), leftovers };
}

function notesOf(store: Store, plan: RetentionPlan): string[] {
  if (!store.capabilities.isImmutable || plan.delete.length === 0) return [];
  return [
    'Object lock keeps what was stored for a time of its own; what it still holds stays until a later pruning.',
  ];
}

function candidateOf(copy: StoredBackup, known: KnownBackup | undefined, held: string | null): Candidate {
  const { receipt } = copy;
  return {
    id: copy.id,
    rekeyedFrom: receipt?.rekeyedFrom ?? known?.result.rekeyedFrom ?? null,
    snapshotAt: receipt?.snapshotAt ?? known?.snapshotAt ?? snapshotTimeOf(copy.id),
    trigger: receipt?.trigger ?? known?.trigger ?? 'unknown',
    state: receipt === null ? 'damaged' : stateOf(known, copy.store, receipt),
    rung: known?.rung ?? 'stored',
    held,
    sizeBytes: receipt?.archive.sizeBytes ?? known?.result.sizeBytes ?? 0,
  };
}

/** A backup of which the ledger knows nothing has only its receipt to speak for it. */
function stateOf(known: KnownBackup | undefined, store: Store, receipt: Receipt): Candidate['state'] {
  if (known === undefined) return 'good';
  if (known.quarantined) return 'quarantined';
  const isSound = known.stores.includes(store.name)
    ? known.copies.some((copy) => copy.store === store.name)
    : known.result.copies[0]!.digest === receipt.archive.digest;
  return isSound && known.good ? 'good' : 'damaged';
}

function candidateOfLedger(known: KnownBackup, store: Store, held: string | null): Candidate {
  const isSound = known.good && known.copies.some((copy) => copy.store === store.name);
  return {
    id: known.id,
    rekeyedFrom: known.result.rekeyedFrom,
    snapshotAt: known.snapshotAt,
    trigger: known.trigger,
    state: known.quarantined ? 'quarantined' : isSound ? 'good' : 'damaged',
    rung: known.rung,
    held,
    sizeBytes: known.result.sizeBytes,
  };
}
