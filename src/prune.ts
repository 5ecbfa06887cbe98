import type { Deps } from './deps.ts';
import { interrupted, recordAttempt } from './ledger/attempt.ts';
import { ConfigError, HoldfastError } from './lib/errors.ts';
import { formatBytes } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import { type Assessment, assess } from './retention/assess.ts';
import { type Deletions, deleteBackups, removeLeftovers } from './retention/delete-backups.ts';
import type { RetentionPolicy } from './retention/policy.ts';
import type { Store } from './store/store.ts';

export interface PruneOptions {
  database: string;
  policyOf(store: Store): RetentionPolicy;
  /** False: only plans. */
  apply: boolean;
  /** More than half may go. */
  allowLarge: boolean;
  /** Shown for each store before anything is deleted from it. */
  onPlan?: (assessment: Assessment) => void;
  /** How long to wait before an archive without a receipt is removed. */
  graceMs?: number;
}

export interface StorePruning extends Deletions {
  store: string;
  plan: Assessment['plan'];
  refusals: Assessment['refusals'];
  notes: string[];
  leftovers: { id: string; why: string }[];
  /** Why it was not carried out, or not to its end; null when it was, or when it was only planned. */
  problem: string | null;
}

/** Far more than a run needs between an archive and its receipt. */
const defaultGraceMs = 60_000;

/**
 * Plans what each store keeps of a database, and with `apply` deletes the rest, each store on its own and recorded.
 *
 * @throws the first store's refusal (ConfigError) or failure (StoreError), with what was done as `pruned`, after every
 *         store had its turn
 */
export async function prune(deps: Deps, options: PruneOptions): Promise<StorePruning[]> {
  const pruned: StorePruning[] = [];
  let failure: unknown = null;
  for (const store of deps.stores) {
    if (deps.signal.aborted) {
      failure ??= interrupted();
      break;
    }
    const pruning: StorePruning = {
      store: store.name,
      plan: { keep: [], delete: [] },
      refusals: [],
      notes: [],
      leftovers: [],
      deleted: [],
      freedBytes: 0,
      locked: [],
      problem: null,
    };
    pruned.push(pruning);
    try {
      await (options.apply ? recorded(deps, options, store, pruning) : look(deps, options, store, pruning));
    } catch (error) {
      if (!(error instanceof HoldfastError)) throw error;
      pruning.problem = error.message;
      failure ??= error;
    }
  }
  if (failure) throw Object.assign(failure as Error, { pruned });
  return pruned;
}

async function look(deps: Deps, options: PruneOptions, store: Store, pruning: StorePruning) {
  const assessment = await assess(store, {
    database: options.database,
    records: await deps.ledger.read(),
    policy: options.policyOf(store),
    now: deps.now(),
    allowLarge: options.allowLarge,
  });
  const { plan, refusals, notes, leftovers } = assessment;
  Object.assign(pruning, { plan, refusals, notes });
  pruning.leftovers = leftovers.map(({ id, why }) => ({ id, why }));
  options.onPlan?.(assessment);
  return assessment;
}

function recorded(deps: Deps, options: PruneOptions, store: Store, pruning: StorePruning): Promise<void> {
  const { database, graceMs = defaultGraceMs } = options;
  return recordAttempt(deps, { verb: 'prune', database }, async (notes) => {
    // The ledger is told of the very list that is filled in while deleting: a failure must not hide what is gone.
    const note = () => {
      const { deleted, freedBytes, plan } = pruning;
      const kept = plan.keep.length + plan.delete.filter(({ id }) => !deleted.includes(id)).length;
      notes.result = { store: store.name, deleted, freedBytes, kept };
    };
    const { plan, refusals, leftovers } = await look(deps, options, store, pruning);
    note();
    if (refusals.length > 0) throw refused(store, refusals);
    try {
      const ids = plan.delete.map(({ id }) => id);
      await inStep(
        deps.progress,
        `Pruning ${store.name}`,
        async () => {
          await removeLeftovers(store, database, leftovers, pruning, { graceMs, signal: deps.signal });
          await deleteBackups(store, database, ids, pruning, deps.signal);
        },
        () => `${pruning.deleted.length} deleted, ${formatBytes(pruning.freedBytes)} freed`,
      );
      if (pruning.locked.length > 0)
        pruning.notes.push(`${pruning.locked.length} are still locked by the store and stay for now.`);
    } finally {
      note();
    }
  });
}

function refused(store: Store, refusals: Assessment['refusals']): ConfigError {
  const large = refusals.some(({ code }) => code === 'too-many');
  return new ConfigError(
    `Nothing was deleted from store ${store.name}. ${refusals.map(({ text }) => text).join(' ')}`,
    {
      hint: large
        ? 'Look at the plan (without --apply); --allow-large lets it delete more than half.'
        : 'docs/retention.md says what to do for each of these.',
      publicReason: `pruning was refused: ${refusals.map(({ code }) => code).join(', ')}`,
    },
  );
}
