import { checkRecipient } from './archive/age.ts';
import { makeBackupId, objectKeys } from './archive/backup-id.ts';
import { archiveFormatVersion, type Manifest } from './archive/manifest.ts';
import { type Receipt, recipientFingerprint } from './archive/receipt.ts';
import { writeArchive } from './archive/writer.ts';
import type { Deps } from './deps.ts';
import { type Dump, type DumpOptions, openDump } from './dump/dump.ts';
import { interrupted, recordAttempt } from './ledger/attempt.ts';
import type { Copy } from './ledger/record.ts';
import { IntegrityError, StoreError } from './lib/errors.ts';
import { formatBytes, formatDuration } from './lib/format.ts';
import { inStep } from './lib/progress.ts';
import { putEverywhere } from './store/fan-out.ts';
import { putReceipt } from './store/receipts.ts';
import type { Store } from './store/store.ts';

export interface BackupOptions extends DumpOptions {
  /** The configured name. */
  database: string;
  /** Null: encryption was turned off in so many words. */
  recipients: readonly string[] | null;
  holdfast: string;
}

export interface BackupResult {
  id: string;
  receipt: Receipt;
  copies: Copy[];
  /** Stores that did not get a copy. */
  failedStores: { store: string; message: string }[];
}

/**
 * Takes a backup: one snapshot, one archive, a copy in every store, receipts last.
 *
 * @throws ConfigError, SourceError, StoreError or IntegrityError; then no receipt exists and nothing is listed
 */
export function backup(deps: Deps, options: BackupOptions): Promise<BackupResult> {
  return recordAttempt(deps, { verb: 'backup', database: options.database }, async (notes) => {
    const startedMs = deps.now();
    if (deps.signal.aborted) throw interrupted();
    for (const recipient of options.recipients ?? []) await checkRecipient(recipient);
    await using dump = await inStep(
      deps.progress,
      'Opening a snapshot',
      () => openDump(options, deps.now),
      (opened) => `${opened.catalog.tables.length} tables, PostgreSQL ${opened.serverMajor}`,
    );
    for (const { name, reason } of dump.catalog.notCarried) {
      deps.progress.warn(`The rows of ${name} are left out: ${reason}. The manifest names them.`);
    }
    const id = makeBackupId(options.database, dump.snapshot.takenAt, deps.randomBytes(4));
    notes.backupId = id;
    const keys = objectKeys(options.database, id, options.recipients !== null);
    const { manifest, manifestDigest, sent, outcomes } = await store(deps, options, dump, id, keys.archive);

    const receipt = makeReceipt(deps, options, manifest, { manifestDigest, ...sent }, startedMs);
    const { copies, failedStores } = await inStep(
      deps.progress,
      'Writing the receipt',
      () => confirm(outcomes, keys.archive, receipt),
      (confirmed) => `${confirmed.copies.length} of ${deps.stores.length} stores hold ${id}`,
    );
    for (const failed of failedStores)
      deps.progress.warn(`Store ${failed.store} has no copy: ${failed.message}`);
    notes.result = {
      snapshotAt: receipt.snapshotAt,
      copies,
      sizeBytes: sent.sizeBytes,
      rawBytes: receipt.rawBytes,
      tables: receipt.tables,
      rows: receipt.rows,
      contentRoot: receipt.contentRoot,
      fingerprint: receipt.fingerprint,
      serverMajor: receipt.serverMajor,
      formatVersion: archiveFormatVersion,
      encrypted: receipt.recipients !== null,
      source: 'postgres',
      requests: null,
      tableRows: null,
      emptyTables: manifest.tables.filter((table) => table.rows === 0).length,
      anomaly: null,
    };
    return { id, receipt, copies, failedStores };
  });
}

async function store(deps: Deps, options: BackupOptions, dump: Dump, id: string, key: string) {
  const step = deps.progress.step('Writing the archive');
  const archive = await writeArchive({ recipients: options.recipients, modifiedAt: dump.snapshot.takenAt });
  // The first failure is the cause; ending the other side makes it fail too, with a lesser reason.
  let cause: unknown = null;
  const fail = (error: unknown) => {
    cause ??= error;
    archive.abort(cause as Error);
  };
  const stop = () => fail(interrupted());
  deps.signal.addEventListener('abort', stop, { once: true });
  const identity = { id, database: options.database, holdfast: options.holdfast };
  const report = ({ rows, rawBytes }: { rows: number; rawBytes: number }) =>
    step.update({ rows, bytes: rawBytes, totalBytes: dump.expectedBytes });
  const writing = dump.writeTo(archive, identity, report).then((manifest) => {
    archive.finish();
    return manifest;
  });
  const storing = putEverywhere(deps.stores, key, archive.stream);
  try {
    // Whichever fails first says why.
    await Promise.all([writing.catch(fail), storing.catch(fail)]);
    if (cause) throw cause;
    const [manifest, { sent, outcomes }] = await Promise.all([writing, storing]);
    step.done(`${manifest.tables.length} tables, ${formatBytes(sent.sizeBytes)} stored`);
    return { manifest, manifestDigest: archive.entries.at(-1)!.digest, sent, outcomes };
  } catch (error) {
    step.failed();
    for (const store of deps.stores) await store.remove(key).catch(() => {});
    throw error;
  } finally {
    deps.signal.removeEventListener('abort', stop);
  }
}

function makeReceipt(
  deps: Deps,
  options: BackupOptions,
  manifest: Manifest,
  stored: { sizeBytes: number; digest: string; manifestDigest: string },
  startedMs: number,
): Receipt {
  const finishedMs = deps.now();
  const sum = (of: (table: Manifest['tables'][number]) => number) =>
    manifest.tables.reduce((total, table) => total + of(table), 0);
  return {
    version: 1,
    formatVersion: archiveFormatVersion,
    id: manifest.id,
    database: manifest.database,
    snapshotAt: manifest.snapshotAt,
    finishedAt: new Date(finishedMs).toISOString(),
    durationMs: finishedMs - startedMs,
    trigger: deps.run.trigger,
    serverMajor: manifest.source.serverMajor,
    archive: {
      name: options.recipients ? 'archive.tar.age' : 'archive.tar',
      sizeBytes: stored.sizeBytes,
      digest: stored.digest,
    },
    recipients: options.recipients?.map(recipientFingerprint) ?? null,
    rawBytes: sum((table) => table.rawBytes),
    tables: manifest.tables.length,
    rows: sum((table) => table.rows),
    notCarried: manifest.notCarried.length,
    fingerprint: manifest.fingerprint,
    contentRoot: manifest.contentRoot,
    manifestDigest: stored.manifestDigest,
  };
}

/** Writes the receipt to every store that has the archive, and drops the copy where that fails. */
async function confirm(outcomes: { store: Store; error: unknown }[], key: string, receipt: Receipt) {
  const copies: Copy[] = [];
  const failedStores: BackupResult['failedStores'] = [];
  let firstError: unknown = null;
  for (const { store, error } of outcomes) {
    try {
      if (error) throw error;
      if ((await store.size(key)) !== receipt.archive.sizeBytes) {
        throw new IntegrityError(`Store ${store.name} does not show the archive it has just taken.`, {
          publicReason: 'a store lost what it was given',
        });
      }
      await putReceipt(store, receipt);
      copies.push({
        store: store.name,
        kind: store.kind,
        sizeBytes: receipt.archive.sizeBytes,
        digest: receipt.archive.digest,
      });
    } catch (problem) {
      firstError ??= problem;
      await store.remove(key).catch(() => {});
      failedStores.push({ store: store.name, message: (problem as Error).message });
    }
  }
  if (copies.length === 0)
    throw (
      firstError ?? new StoreError('No store took the backup.', { publicReason: 'no store took the backup' })
    );
  return { copies, failedStores };
}

/** One line that sums a backup up. */
export function summarise({ receipt }: BackupResult): string {
  const { rows, tables, rawBytes, archive, durationMs } = receipt;
  return `${rows.toLocaleString('en')} rows in ${tables} tables, ${formatBytes(rawBytes)} of rows as ${formatBytes(archive.sizeBytes)}, ${formatDuration(durationMs)}`;
}
