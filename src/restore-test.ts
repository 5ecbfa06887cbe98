import { checkEntries } from './archive/check-entries.ts';
import { readDump } from './archive/read-dump.ts';
import type { Deps } from './deps.ts';
import { findChosen } from './latest.ts';
import { recordAttempt } from './ledger/attempt.ts';
import { rowsInTables } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import { blameTextOrder, refuseGeneratedElsewhere, refuseIncomparable } from './restore/comparability.ts';
import { type Comparison, compareDatabase } from './restore/compare-content.ts';
import { explainDatabaseProperties } from './restore/database-differences.ts';
import { rebuild } from './restore/rebuild.ts';
import { refuseDifference } from './restore/refuse-difference.ts';
import { openScratch, type Scratch, type ScratchPlace } from './scratch/open.ts';
import type { SoundCopy } from './store/find.ts';
import { openArchive } from './store/open-archive.ts';
import { requireIdentity } from './verify.ts';
import { anotherArchive, firstVouched } from './vouched.ts';

export interface RestoreTestOptions {
  database: string;
  /** An id, or `latest`. */
  id: string;
  scratch: ScratchPlace;
  identities: readonly string[] | null;
  /** A person vouches for an archive that the ledger does not know. Left out: nobody does. */
  trustArchive?: boolean;
}

export interface RestoreTestResult {
  id: string;
  store: string;
  /** Of the server on which it was rebuilt. */
  serverMajor: number;
  restoreDurationMs: number;
  compareDurationMs: number;
  comparison: Comparison;
}

/**
 * Rebuilds a backup in a scratch database and compares all of it with the snapshot it was taken from. The first store
 * that holds the archive that was made is read, twice: all of it is checked before any of its scripts is run.
 *
 * @throws IntegrityError when anything differs or does not rebuild, naming it; ConfigError, StoreError or SourceError
 *         when the test could not be done. Scratch is gone either way, and the attempt is in the ledger.
 */
export function restoreTest(deps: Deps, options: RestoreTestOptions): Promise<RestoreTestResult> {
  return recordAttempt(deps, { verb: 'restore-test', database: options.database }, async (notes) => {
    const copies = await findChosen(deps, options.database, options.id);
    notes.backupId = copies[0]!.id;
    const { copy, vouching } = await firstVouched(deps, copies, options.trustArchive ?? false);
    // Whatever somebody says of it: it would prove a backup that it is not.
    if (vouching === 'other') throw anotherArchive(copy);
    const identities = requireIdentity(copy, options.identities);
    const result = await test(deps, options, copy, identities);
    const { comparison } = result;
    notes.result = {
      store: result.store,
      formatVersion: copy.receipt.formatVersion,
      scratch: options.scratch.kind,
      serverMajor: result.serverMajor,
      tables: comparison.tables,
      rows: comparison.rows,
      restoreDurationMs: result.restoreDurationMs,
      compareDurationMs: result.compareDurationMs,
      contentRoot: comparison.contentRoot,
      tablesDifferent: comparison.differentTables.length + comparison.differentGenerated.length,
      schema: comparison.schema.verdict,
      schemaDifferences: comparison.schema.differences.length,
    };
    refuseDifference(
      comparison,
      'The backup is kept. Take another and test it; if it differs again, report it with the lines above.',
    );
    return result;
  });
}

async function test(
  deps: Deps,
  options: RestoreTestOptions,
  copy: SoundCopy,
  identities: readonly string[] | null,
): Promise<RestoreTestResult> {
  const { store, receipt, id } = copy;
  let scratch: Scratch | null = null;
  const entries = await inStep(
    deps.progress,
    `Checking ${id}`,
    async () => checkEntries(await openArchive(copy, deps.signal), { receipt, identities }),
    () => 'the archive that its receipt describes',
  );
  const source = await openArchive(copy, deps.signal);
  try {
    const startedMs = deps.now();
    const rebuilt = await inStep(
      deps.progress,
      `Restoring ${id} into scratch`,
      (step) =>
        rebuild(
          readDump(source, { receipt, identities, entries }),
          async (description) => {
            scratch = await openScratch(options.scratch, description);
            refuseIncomparable(description, scratch.settings);
            return scratch.target;
          },
          step,
          receipt.rawBytes,
        ).catch((error) => {
          throw scratch ? blameTextOrder(error, scratch.source, scratch.settings) : error;
        }),
      () => rowsInTables(receipt.rows, receipt.tables),
    );
    const restoredMs = deps.now();
    const comparison = await inStep(
      deps.progress,
      'Comparing every row with the snapshot',
      async (step) => {
        const compared = await compareDatabase(rebuilt.target, rebuilt, step);
        refuseGeneratedElsewhere(rebuilt.manifest.source, scratch!.settings, compared.differentGenerated);
        for (const name of compared.redistributed) deps.progress.warn(spreadOtherwise(name));
        return rebuilt.hasProperties
          ? compared
          : explainDatabaseProperties(compared, 'a property that the scratch server does not take');
      },
      ({ tables, rows, schema }) => `${rowsInTables(rows, tables)}; schema ${schema.verdict}`,
    );
    return {
      id,
      store: store.name,
      serverMajor: (scratch as Scratch | null)!.serverMajor,
      restoreDurationMs: restoredMs - startedMs,
      compareDurationMs: deps.now() - restoredMs,
      comparison,
    };
  } finally {
    source.destroy();
    await (scratch as Scratch | null)?.[Symbol.asyncDispose]();
  }
}

const spreadOtherwise = (name: string) =>
  `The rows of ${name} lie in other hash partitions than in the source, because hashes differ from server to server. ` +
  'They were compared as a whole, and are the same.';
