import type { Manifest } from './archive/manifest.ts';
import { readDump } from './archive/read-dump.ts';
import { type BackupOptions, backup } from './backup.ts';
import type { Deps } from './deps.ts';
import { findChosen } from './latest.ts';
import { type AttemptNotes, interrupted, recordAttempt } from './ledger/attempt.ts';
import { otherTargetTrigger, preRestoreTrigger, type restoreSteps } from './ledger/record.ts';
import { unlessAborted } from './lib/on-abort.ts';
import { inStep } from './lib/progress.ts';
import { applyRestore, type CheckedBackup } from './restore/apply.ts';
import type { RestoreMode } from './restore/mode.ts';
import { refuseProblems } from './restore/obstacles.ts';
import { planRestore, type RestorePlan } from './restore/plan.ts';
import { refuseInferred } from './restore/refuse-inferred.ts';
import { whereOf } from './source/postgres/address.ts';
import { type ConnectionTarget, connect, disconnect } from './source/postgres/connect.ts';
import { explainServer } from './source/postgres/explain-server.ts';
import type { Fingerprint } from './source/postgres/fingerprint/fingerprint.ts';
import type { SoundCopy } from './store/find.ts';
import { openArchive } from './store/open-archive.ts';
import { requireIdentity, verify } from './verify.ts';
import { firstVouched } from './vouched.ts';

export interface RestoreOptions {
  database: string;
  /** An id, or `latest`. */
  id: string;
  target: ConnectionTarget;
  mode: RestoreMode;
  /** With mode `tables`: `schema.table` names. */
  tables: readonly string[];
  identities: readonly string[] | null;
  /** Whether the target's own table of CRM backups survives a `replace`. */
  keepBackupsTable: boolean;
  /** A person vouches for an archive that the ledger does not. Left out: nobody does. */
  trustArchive?: boolean;
  /** Asked with the plan before anything is done; false ends it. */
  confirm(plan: RestorePlan): Promise<boolean>;
  /** How backups of the target are taken, before and after; without the target itself. */
  backup: Omit<BackupOptions, 'target'>;
}

export interface RestoreResult {
  plan: RestorePlan;
  /** Null: it was not confirmed, and nothing was done. */
  done: {
    before: string | null;
    after: string | null;
    rows: number;
    tables: number;
    /** Null after mode `tables`, which proves those tables and the schema, not the whole. */
    contentRoot: string | null;
  } | null;
}

type StepName = (typeof restoreSteps)[number];

/**
 * Puts a backup into a real database: check, plan, confirm, back up what is there, replace and prove in one transaction,
 * commit only if equal, back up again. Ended at any point before the commit, the target is as it was.
 *
 * @throws ConfigError, SourceError, StoreError or IntegrityError; each says that the target is as it was
 */
export function restore(deps: Deps, options: RestoreOptions): Promise<RestoreResult> {
  const about = { verb: 'restore' as const, database: options.database, phase: 'ended' as const };
  return recordAttempt(
    deps,
    about,
    async (notes) => {
      const copies = await findChosen(deps, options.database, options.id);
      notes.backupId = copies[0]!.id;
      const { copy, vouching } = await firstVouched(deps, copies, options.trustArchive ?? false);
      refuseInferred(copy.receipt);
      const identities = requireIdentity(copy, options.identities);
      const reach = stepRecorder(deps, options, copy, vouching !== 'vouched', notes);
      const checked = await inStep(
        deps.progress,
        `Checking ${copy.id}`,
        () => check(deps, copy, identities),
        () => 'readable, every digest as promised',
      );
      reach('checked');
      const plan = await planOf(deps, options, copy.id, checked);
      reach('planned');
      if (!(await options.confirm(plan))) return { plan, done: null };
      refuseProblems(plan);
      reach('confirmed');

      const before = plan.target.isEmpty
        ? null
        : await backUpTarget(deps, options, identities, preRestoreTrigger);
      if (before) {
        notes.result!.before = before;
        reach('backed-up');
      }
      // A restore that is killed from here on has left this in the ledger.
      await recordAttempt(deps, { ...about, phase: 'began' as const }, async (began) => {
        began.backupId = copy.id;
      }).catch((error: Error) =>
        // On a bad day the ledger may be away too, and that must not keep the data away.
        deps.progress.warn(`That this restore began could not be recorded: ${error.message}`),
      );
      const replaced = await applyRestore(deps, options, {
        ...checked,
        parts: () => openDump(deps, copy, identities, checked.manifest.entries),
        reach,
      });
      Object.assign(notes.result!, replaced);
      const after = await backUpTarget(
        deps,
        options,
        identities,
        plan.target.isSource ? 'post-restore' : otherTargetTrigger,
      ).catch(alreadyRestored);
      notes.result!.after = after;
      reach('backed-up-after');
      return {
        plan,
        done: {
          before,
          after,
          rows: replaced.rows,
          tables: replaced.tables,
          contentRoot: replaced.contentRoot.actual,
        },
      };
    },
    { isWorthRecording: (result) => result.done !== null },
  );
}

/** The target holds the restored content by then, whatever the backup after it came to. */
function alreadyRestored(error: unknown): never {
  const failure = error as Error;
  failure.message = `The restore is committed and proved, but the backup after it failed: ${failure.message}`;
  throw failure;
}

/** Notes each completed step with its time. */
function stepRecorder(
  deps: Deps,
  options: RestoreOptions,
  copy: SoundCopy,
  isTrusted: boolean,
  notes: AttemptNotes<'restore'>,
) {
  return (step: StepName) => {
    notes.result ??= {
      mode: options.mode,
      store: copy.store.name,
      steps: [],
      before: null,
      after: null,
      tables: 0,
      rows: 0,
      contentRoot: { expected: copy.receipt.contentRoot, actual: null },
      schema: null,
      ...(isTrusted ? { trustedArchive: true } : {}),
    };
    notes.result.steps.push({ step, at: new Date(deps.now()).toISOString() });
  };
}

/** Reads all of it once before anything is decided: only what is whole is restored. */
async function check(
  deps: Deps,
  copy: SoundCopy,
  identities: readonly string[] | null,
): Promise<CheckedBackup> {
  let manifest: Manifest | null = null;
  let fingerprint: Fingerprint | null = null;
  for await (const part of await openDump(deps, copy, identities)) {
    if (part.kind === 'manifest') manifest = part.manifest;
    if (part.kind === 'fingerprint') fingerprint = part.fingerprint as Fingerprint;
  }
  return { manifest: manifest!, fingerprint: fingerprint! };
}

/** @param entries what a first reading found; what a second one then finds otherwise is not given out */
async function openDump(
  deps: Deps,
  copy: SoundCopy,
  identities: readonly string[] | null,
  entries?: Manifest['entries'],
) {
  const { receipt } = copy;
  const source = await openArchive(copy, deps.signal);
  return readDump(source, { receipt, identities, ...(entries ? { entries } : {}) });
}

async function planOf(
  deps: Deps,
  options: RestoreOptions,
  backupId: string,
  checked: CheckedBackup,
): Promise<RestorePlan> {
  return inStep(
    deps.progress,
    'Reading the target',
    () => unlessAborted(deps.signal, readTarget(deps, options, backupId, checked), interrupted),
    (plan) => `${plan.target.databaseName} on ${plan.target.host}`,
  );
}

async function readTarget(
  deps: Deps,
  options: RestoreOptions,
  backupId: string,
  checked: CheckedBackup,
): Promise<RestorePlan> {
  const { target, mode, tables, backup } = options;
  const { client, parameters } = await connect(target, { lockTimeoutMs: backup.lockTimeoutMs });
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const host = await whereOf(target);
    const estimatedMs = await estimate(deps, options.database);
    return await planRestore(client, parameters, {
      ...{ backupId, host, mode, tables },
      ...checked,
      estimatedMs,
    });
  } catch (error) {
    throw explainServer(error, 'the target was read');
  } finally {
    await disconnect(client);
  }
}

async function estimate(deps: Deps, database: string): Promise<number | null> {
  // Only an estimate: a damaged ledger must not stand between a maintainer and a restore.
  const records = (await deps.ledger.read().catch(() => null)) ?? [];
  const tests = records.filter((record) => record.verb === 'restore-test' && record.database === database);
  const newest = tests.findLast((record) => record.outcome === 'succeeded');
  return newest?.verb === 'restore-test' ? (newest.result?.restoreDurationMs ?? null) : null;
}

/** Takes a backup of the target and reads it back: what will be replaced must be readable. */
async function backUpTarget(
  deps: Deps,
  options: RestoreOptions,
  identities: readonly string[] | null,
  trigger: string,
): Promise<string> {
  const run = { ...deps.run, trigger };
  const taken = await backup(
    { ...deps, run },
    // Without exclusions: whatever the target holds is about to be removed.
    { ...options.backup, excludeRows: [], database: options.database, target: options.target },
  );
  await verify({ ...deps, run }, { database: options.database, id: taken.id, all: false, identities });
  return taken.id;
}
