import type { Deps } from '../deps.ts';
import { HoldfastError, publicReasonOf, SourceError } from '../lib/errors.ts';
import type { BackupRecord, LedgerRecord, RestoreRecord } from './record.ts';

type Verb = LedgerRecord['verb'];
type RecordOf<V extends Verb> = Extract<LedgerRecord, { verb: V }>;
/** What the record will say of the attempt; a verb fills it in as it learns. */
export interface AttemptNotes<V extends Verb> {
  backupId: string | null;
  result: RecordOf<V>['result'];
  /** For a backup: what stayed inside the CRM's database. Left out: nothing. */
  inDatabase?: V extends 'backup' ? BackupRecord['inDatabase'] : never;
}

/**
 * Runs an attempt and records it in the ledger whatever comes of it, with its duration and, on failure, a reason that
 * is safe to publish.
 *
 * @param options.isWorthRecording false for a success that did nothing, such as a plan that was not confirmed
 * @throws what the attempt throws; StoreError when it succeeded but could not be recorded
 */
export async function recordAttempt<V extends Verb, T>(
  deps: Pick<Deps, 'now' | 'randomBytes' | 'ledger' | 'run' | 'progress'>,
  about: { verb: V; database: string } & (V extends 'restore' ? { phase: RestoreRecord['phase'] } : unknown),
  work: (notes: AttemptNotes<V>) => Promise<T>,
  options: { isWorthRecording?: (value: T) => boolean } = {},
): Promise<T> {
  const startedMs = deps.now();
  const notes: AttemptNotes<V> = { backupId: null, result: null };
  const record = (thrown: { error: unknown } | null): LedgerRecord => {
    const finishedMs = deps.now();
    const failure = thrown && { kind: kindOf(thrown.error), reason: publicReasonOf(thrown.error) };
    return {
      version: 1,
      id: Buffer.from(deps.randomBytes(8)).toString('hex'),
      ...about,
      outcome: failure ? 'failed' : 'succeeded',
      ...deps.run,
      startedAt: new Date(startedMs).toISOString(),
      finishedAt: new Date(finishedMs).toISOString(),
      durationMs: Math.max(0, finishedMs - startedMs),
      reason: failure?.reason ?? null,
      errorKind: failure?.kind ?? null,
      ...notes,
    } as LedgerRecord;
  };
  let value: T;
  try {
    value = await work(notes);
  } catch (error) {
    try {
      await deps.ledger.append(record({ error }));
    } catch (ledgerError) {
      // The first failure is the one to tell; that it went unrecorded is said beside it.
      deps.progress.warn(`This failure could not be recorded: ${(ledgerError as Error).message}`);
    }
    throw error;
  }
  if (options.isWorthRecording?.(value) ?? true) await deps.ledger.append(record(null));
  return value;
}

function kindOf(error: unknown): NonNullable<LedgerRecord['errorKind']> {
  return error instanceof HoldfastError ? error.name : 'Bug';
}

/** The reason an aborted attempt ends with. */
export function interrupted(): SourceError {
  return new SourceError('Interrupted: it was asked to stop.', {
    hint: 'Nothing half-written was left; running it again is safe.',
    publicReason: 'the run was interrupted',
  });
}
