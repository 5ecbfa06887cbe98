import { objectKeys } from './archive/backup-id.ts';
import { readDump } from './archive/read-dump.ts';
import { damaged } from './archive/reader.ts';
import type { Deps } from './deps.ts';
import { interrupted, recordAttempt } from './ledger/attempt.ts';
import type { Rung } from './ledger/record.ts';
import { DigestedBytes } from './lib/digest.ts';
import { ConfigError, HoldfastError, IntegrityError } from './lib/errors.ts';
import { inStep, type Step } from './lib/progress.ts';
import { findBackups, findCopies, type SoundCopy } from './store/find.ts';

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
 * Reads copies back from their stores and checks them, each on its own, without a database.
 *
 * @throws the first damage found, after every copy was checked and recorded
 */
export async function verify(deps: Deps, options: VerifyOptions): Promise<VerifyResult> {
  const ids = options.all
    ? (await findBackups(deps.stores, options.database)).map((backup) => backup.id)
    : [options.id];
  const checked: VerifyResult['checked'] = [];
  let failure: unknown = null;
  for (const id of ids) {
    try {
      const copies = await findOrRecord(deps, options.database, id);
      for (const copy of copies) {
        const result = await verifyCopy(deps, options, copy);
        checked.push(result.checked);
        failure ??= result.error;
      }
    } catch (error) {
      if (!options.all) throw error;
      failure ??= error;
      checked.push({ id, store: '', rung: null, problem: (error as Error).message });
    }
  }
  if (failure) throw Object.assign(failure as Error, { checked });
  return { checked };
}

/** A backup that can't even be found is a failed verification, and must be in the ledger as one. */
async function findOrRecord(deps: Deps, database: string, id: string): Promise<SoundCopy[]> {
  try {
    return await findCopies(deps.stores, database, id);
  } catch (error) {
    return recordAttempt(deps, { verb: 'verify', database }, (notes) => {
      if (id !== 'latest' && error instanceof IntegrityError) notes.backupId = id;
      throw error;
    });
  }
}

async function verifyCopy(deps: Deps, options: VerifyOptions, copy: SoundCopy) {
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
  const key = objectKeys(receipt.database, receipt.id, isEncrypted).archive;
  const sizeBytes = await store.size(key);
  if (sizeBytes === null) throw damaged(`store ${store.name} has its receipt but no archive`);
  if (sizeBytes !== receipt.archive.sizeBytes)
    throw damaged(`it has ${sizeBytes} bytes, the receipt says ${receipt.archive.sizeBytes}`);
  reach('stored');

  const source = await store.get(key);
  const stop = () => source.destroy(interrupted());
  deps.signal.addEventListener('abort', stop, { once: true });
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
    deps.signal.removeEventListener('abort', stop);
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
