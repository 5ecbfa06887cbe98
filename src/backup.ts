import { checkRecipient } from './archive/age.ts';
import { makeBackupId, objectKeys } from './archive/backup-id.ts';
import { archiveFormatVersion, type Manifest } from './archive/manifest.ts';
import { type Receipt, recipientFingerprint } from './archive/receipt.ts';
import { writeArchive } from './archive/writer.ts';
import type { Deps } from './deps.ts';
import { type Dump, type Dumped, type DumpOptions, openDump } from './dump/dump.ts';
import type { OpenSource } from './dump/source.ts';
import { compareWithHistory } from './health/anomaly/compare.ts';
import type { AnomalyPolicy } from './health/anomaly/policy.ts';
import { largestTables } from './health/named-tables.ts';
import { interrupted, recordAttempt } from './ledger/attempt.ts';
import { resultOf } from './ledger/of-receipt.ts';
import type { Anomaly, Copy } from './ledger/record.ts';
import { counted, formatBytes, formatDuration, rowsInTables } from './lib/format.ts';
import { onAbort, unlessAborted } from './lib/on-abort.ts';
import { inStep } from './lib/progress.ts';
import { noteEmptied } from './note-emptied.ts';
import { confirmCopies, type FailedStore } from './store/confirm.ts';
import { putEverywhere } from './store/fan-out.ts';
import { refuseUnready } from './store/ready.ts';

/** How a backup is made and kept, whatever its source. */
export interface BackupSettings {
  /** The configured name. */
  database: string;
  /** Null: encryption was turned off in so many words. */
  recipients: readonly string[] | null;
  holdfast: string;
  /** Thresholds of the comparison with earlier backups. */
  anomalies?: AnomalyPolicy;
  /** Whether warnings may name tables: the log is private. */
  nameTables?: boolean;
  /** Whether the ledger and the page, which are public, may name tables. Left out: they never do. */
  publishNames?: boolean;
}

/** Of a database that is read itself. */
export interface BackupOptions extends BackupSettings, DumpOptions {}

/** Of anything else that gives a dump. */
export interface OpenedBackupOptions extends BackupSettings {
  open: OpenSource;
}

export interface BackupResult {
  id: string;
  receipt: Receipt;
  copies: Copy[];
  /** Stores that did not get a copy. */
  failedStores: FailedStore[];
  /** How it compares with those before; null when it was not compared. */
  anomaly: Anomaly | null;
}

/**
 * Takes a backup: one snapshot, one archive, a copy in every store, receipts last.
 *
 * @throws ConfigError, SourceError, StoreError or IntegrityError; then no receipt exists and nothing is listed
 */
export function backup(deps: Deps, options: BackupOptions | OpenedBackupOptions): Promise<BackupResult> {
  const open: OpenSource = 'open' in options ? options.open : ({ now }) => openDump(options, now);
  return recordAttempt(deps, { verb: 'backup', database: options.database }, async (notes) => {
    const startedMs = deps.now();
    if (deps.signal.aborted) throw interrupted();
    await refuseUnready(deps.stores);
    await noteEmptied(deps, options.database);
    for (const recipient of options.recipients ?? []) await checkRecipient(recipient);
    await using dump = await inStep(
      deps.progress,
      'Opening a snapshot',
      () =>
        unlessAborted(
          deps.signal,
          open({
            ...deps,
            trigger: deps.run.trigger,
            // Until the copies are confirmed, this is all there is.
            onMadeInDatabase: (made) => {
              notes.inDatabase = made;
            },
          }),
          interrupted,
          (dump) => dump[Symbol.asyncDispose](),
        ),
      ({ label }) => label,
    );
    for (const { kind, name, reason } of dump.catalog.notCarried) {
      const [what, are, them] =
        kind === 'subscription' ? ['The subscription', 'is', 'it'] : ['The rows of', 'are', 'them'];
      deps.progress.warn(`${what} ${name} ${are} left out: ${reason}. The manifest names ${them}.`);
    }
    const id = makeBackupId(options.database, dump.snapshot.takenAt, deps.randomBytes(4));
    notes.backupId = id;
    const keys = objectKeys(options.database, id, options.recipients !== null);
    const written = await store(deps, options, dump, id, keys.archive);
    const { description, outcomes } = written;

    const receipt = makeReceipt(deps, options, dump, written, startedMs);
    const { copies, failedStores } = await inStep(
      deps.progress,
      'Writing the receipt',
      () => confirmCopies(outcomes, receipt),
      (confirmed) => `${confirmed.copies.length} of ${deps.stores.length} stores hold ${id}`,
    );
    for (const failed of failedStores)
      deps.progress.warn(`Store ${failed.store} has no copy: ${failed.message}`);
    const result = {
      ...resultOf(receipt, copies),
      requests: dump.requests,
      ...description.record,
      namedTables: options.publishNames ? largestTables(written.manifest.tables.map(namedTable)) : null,
    };
    const anomaly = await compareWithHistory(deps, {
      id,
      database: options.database,
      result,
      durationMs: receipt.durationMs,
      allTableRows: description.allTableRows,
      leftOut: description.leftOut,
      neverEmpty: description.neverEmpty,
      nameOf: options.nameTables ? description.nameOf : undefined,
      policy: options.anomalies,
    });
    notes.result = { ...result, anomaly };
    notes.inDatabase = null;
    return { id, receipt, copies, failedStores, anomaly };
  });
}

function namedTable({ schema, name, rows }: Manifest['tables'][number]) {
  return { name: `${schema}.${name}`, rows };
}

async function store(deps: Deps, options: BackupSettings, dump: Dump, id: string, key: string) {
  const step = deps.progress.step('Writing the archive');
  const archive = await writeArchive({ recipients: options.recipients, modifiedAt: dump.snapshot.takenAt });
  // The first failure is the cause; ending the other side makes it fail too, with a lesser reason.
  let cause: unknown = null;
  const fail = (error: unknown) => {
    cause ??= error;
    archive.abort(cause as Error);
  };
  const stop = () => {
    fail(interrupted());
    // Whoever waits for a server that says nothing more would wait for ever.
    void dump[Symbol.asyncDispose]();
  };
  const forget = onAbort(deps.signal, stop);
  const identity = { id, database: options.database, holdfast: options.holdfast };
  const report = ({ rows, rawBytes }: { rows: number; rawBytes: number }) =>
    step.update({ rows, bytes: rawBytes, totalBytes: dump.expectedBytes });
  const warn = (text: string) => deps.progress.warn(text);
  const writing = dump.writeTo(archive, identity, report, warn).then((dumped) => {
    archive.finish();
    return dumped;
  });
  const storing = putEverywhere(deps.stores, key, archive.stream);
  try {
    // Whichever fails first says why.
    await Promise.all([writing.catch(fail), storing.catch(fail)]);
    if (cause) throw cause;
    const [dumped, { sent, outcomes }] = await Promise.all([writing, storing]);
    step.done(`${counted(dumped.manifest.tables.length, 'table')}, ${formatBytes(sent.sizeBytes)} stored`);
    return { ...dumped, manifestDigest: archive.entries.at(-1)!.digest, sent, outcomes };
  } catch (error) {
    step.failed();
    // A store that failed has removed what it had; only the other copies are ours to remove.
    const outcomes = await storing.then((stored) => stored.outcomes).catch(() => []);
    for (const { store, error } of outcomes) if (error === null) await store.remove(key).catch(() => {});
    throw error;
  } finally {
    forget();
  }
}

function makeReceipt(
  deps: Deps,
  options: BackupSettings,
  dump: Dump,
  written: Dumped & { sent: { sizeBytes: number; digest: string }; manifestDigest: string },
  startedMs: number,
): Receipt {
  const { manifest, sent, manifestDigest, load } = written;
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
    ...(dump.source === 'postgres' ? {} : { source: dump.source }),
    serverMajor: manifest.source.serverMajor,
    archive: {
      name: options.recipients ? 'archive.tar.age' : 'archive.tar',
      sizeBytes: sent.sizeBytes,
      digest: sent.digest,
    },
    recipients: options.recipients?.map(recipientFingerprint) ?? null,
    rawBytes: sum((table) => table.rawBytes),
    tables: manifest.tables.length,
    rows: sum((table) => table.rows),
    notCarried: manifest.notCarried.length,
    ...(load ? { load } : {}),
    fingerprint: manifest.fingerprint,
    contentRoot: manifest.contentRoot,
    manifestDigest,
  };
}

/** One line that sums a backup up. */
export function summarise({ receipt }: BackupResult): string {
  const { rows, tables, rawBytes, archive, durationMs } = receipt;
  return `${rowsInTables(rows, tables)}, ${formatBytes(rawBytes)} of rows as ${formatBytes(archive.sizeBytes)}, ${formatDuration(durationMs)}`;
}
