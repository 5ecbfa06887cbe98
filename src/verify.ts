import { keysOf } from './archive/backup-id.ts';
import { readDump } from './archive/read-dump.ts';
import { damaged } from './archive/reader.ts';
import type { Deps } from './deps.ts';
import { backupsOf, type KnownBackup } from './health/backups.ts';
import { recordAttempt } from './ledger/attempt.ts';
import { recordsAbout } from './ledger/ledger.ts';
import type { LedgerRecord, Rung } from './ledger/record.ts';
import { DigestedBytes } from './lib/digest.ts';
import { ConfigError, HoldfastError, IntegrityError } from './lib/errors.ts';
import { inStep, type Step } from './lib/progress.ts';
import { latestOf, listed } from './list.ts';
import { noSuchBackup, type SoundCopy } from './store/find.ts';
import { emptiedStore, isEmptied, missingArchive, missingCopy } from './store/missing.ts';
import { openArchive } from './store/open-archive.ts';
import { type Survey, surveyStores } from './store/survey.ts';
import { refuseOther } from './vouched.ts';

export interface VerifyOptions {
  database: string;
  /** An id, or `latest`. Ignored with `all`. */
  id: string;
  all: boolean;
  /** Null: none was given; an encrypted backup is then only verified to `intact`. */
  identities: readonly string[] | null;
}

export interface VerifyResult {
  checked: { id: string; store: string; rung: Rung | null; problem: string | null }[];
}

/**
 * Reads copies back from their stores and checks them, each on its own, without a database. A copy of another archive
 * than the one that the ledger was told of is damaged, however sound it is.
 *
 * @throws the first damage found, after every copy was checked and recorded
 */
export async function verify(deps: Deps, options: VerifyOptions): Promise<VerifyResult> {
  const checked: VerifyResult['checked'] = [];
  let failure: unknown = null;
  const told = new Set<string>();
  const note = (result: { checked: VerifyResult['checked'][number]; error: HoldfastError | null }) => {
    checked.push(result.checked);
    const { error } = result;
    // The first is thrown in the end, and told by whoever catches it.
    if (error && failure && !told.has(error.message)) deps.progress.warn(error.message);
    if (error) told.add(error.message);
    failure ??= error;
  };
  const { database } = options;
  const records = await recordsAbout(deps.ledger, database);
  const known = backupsOf(records);
  const survey = await surveyStores(deps.stores, database, known, deps.now());
  for (const { store, error } of survey.unreachable)
    note(await recordFailure(deps, database, { id: null, store: store.name, error }));
  // One record for all of its backups: a store that lost them may have had hundreds.
  const emptied = survey.lacking.filter((lack) => isEmptied(lack) && lack.promised > 1);
  for (const lack of emptied)
    note(
      await recordFailure(deps, database, {
        id: null,
        store: lack.store.name,
        error: emptiedStore(database, lack),
      }),
    );
  const chosen = options.all ? null : chooseId(deps, survey, known, options);
  const backups = survey.backups.filter(({ id }) => chosen === null || id === chosen);
  if (backups.length === 0 && failure === null)
    note(
      await recordFailure(deps, database, {
        id: null,
        store: null,
        error: noSuchBackup(database, 'latest', undefined),
      }),
    );
  for (const { id, copies, missing } of backups) {
    for (const store of missing) {
      if (emptied.some((lack) => lack.store === store)) continue;
      const error = missingCopy(id, store);
      note(await recordFailure(deps, database, { id, store: store.name, error }));
    }
    for (const copy of copies) {
      const { receipt } = copy;
      if (receipt) note(await verifyCopy(deps, options, { ...copy, receipt }, records));
      else {
        const error = new IntegrityError(copy.problem ?? `The receipt of ${id} is damaged.`, {
          publicReason: 'a receipt is damaged',
        });
        note(await recordFailure(deps, database, { id, store: copy.store.name, error }));
      }
    }
  }
  if (failure) throw Object.assign(failure as Error, { checked });
  return { checked };
}

/** @throws ConfigError when there is no such backup, StoreError when there is none at all */
function chooseId(
  deps: Pick<Deps, 'progress'>,
  { backups, unreachable }: Survey,
  known: readonly KnownBackup[],
  { database, id: idOrLatest }: VerifyOptions,
): string {
  const all = backups.map((backup) =>
    listed(
      backup,
      database,
      known.find(({ id }) => id === backup.id),
    ),
  );
  const found =
    idOrLatest === 'latest' ? latestOf(all, deps.progress) : all.find(({ id }) => id === idOrLatest);
  if (found) return found.id;
  // A store that can't be reached may hold it.
  throw unreachable[0]?.error ?? noSuchBackup(database, idOrLatest, backups[0]?.id);
}

/** A copy that can't even be read is a failed verification, and must be in the ledger as one. */
export async function recordFailure(
  deps: Deps,
  database: string,
  what: { id: string | null; store: string | null; error: HoldfastError },
) {
  const { id, store, error } = what;
  const failing = recordAttempt(deps, { verb: 'verify', database }, (notes) => {
    notes.backupId = id;
    if (store !== null) notes.result = { store, rung: null };
    throw error;
  });
  await failing.catch(() => {});
  return { checked: { id: id ?? '', store: store ?? '', rung: null, problem: error.message }, error };
}

/** Checks one copy, and records what came of it. A copy that fails is told of, not thrown. */
export async function verifyCopy(
  deps: Deps,
  options: VerifyOptions,
  copy: SoundCopy,
  records: readonly LedgerRecord[],
) {
  const checked: VerifyResult['checked'][number] = {
    id: copy.id,
    store: copy.store.name,
    rung: null,
    problem: null,
  };
  try {
    await recordAttempt(deps, { verb: 'verify', database: options.database }, async (notes) => {
      notes.backupId = copy.id;
      notes.result = { store: copy.store.name, rung: null };
      const reach = (rung: Rung) => {
        checked.rung = rung;
        notes.result = { store: copy.store.name, rung };
      };
      refuseOther(copy, records);
      const title = `Verifying ${copy.id} in ${copy.store.name}`;
      await inStep(
        deps.progress,
        title,
        (step) => climb(deps, options, copy, step, reach),
        () => `${checked.rung}`,
      );
    });
    return { checked, error: null };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    checked.problem = error.message;
    return { checked, error };
  }
}

/** The rungs one after the other, as far as the identity allows. */
async function climb(
  deps: Deps,
  options: VerifyOptions,
  copy: SoundCopy,
  step: Step,
  reach: (rung: Rung) => void,
) {
  const { receipt, store } = copy;
  const isEncrypted = receipt.recipients !== null;
  const sizeBytes = await store.size(keysOf(receipt).archive);
  if (sizeBytes === null) throw missingArchive(copy);
  if (sizeBytes !== receipt.archive.sizeBytes)
    throw damaged(`it has ${sizeBytes} bytes, the receipt says ${receipt.archive.sizeBytes}`);
  reach('stored');

  const source = await openArchive(copy, deps.signal);
  try {
    if (isEncrypted && options.identities === null) {
      const measured = source.pipe(new DigestedBytes());
      source.on('error', (error) => measured.destroy(error));
      for await (const _ of measured)
        step.update({ rows: 0, bytes: measured.sizeBytes, totalBytes: sizeBytes });
      if (measured.digest() !== receipt.archive.digest)
        throw damaged('its digest is not the one in the receipt');
      reach('intact');
      return;
    }
    let rows = 0;
    let bytes = 0;
    for await (const part of readDump(source, {
      receipt,
      identities: isEncrypted ? options.identities : null,
    })) {
      if (part.kind === 'rows') {
        rows += part.newRows;
        bytes += part.bytes.length;
        step.update({ rows, bytes, totalBytes: receipt.rawBytes });
      }
    }
    reach('readable');
  } finally {
    source.destroy();
  }
}

/** @throws ConfigError when an encrypted backup is to be read and no identity was given */
export function requireIdentity(
  copy: SoundCopy,
  identities: readonly string[] | null,
): readonly string[] | null {
  if (copy.receipt.recipients === null) return null;
  if (identities) return identities;
  throw new ConfigError('This backup is encrypted and no identity was given.', {
    hint: 'Give --identity-file FILE, or set HOLDFAST_IDENTITY. Nothing was read or written.',
    publicReason: 'no identity was given',
  });
}
